#include "light.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>
#include <util/crc16.h>

#include "clock.h"

// Timer 2 counts 0..TOP..0 (mode 5), so that a PWM cycle is 2*TOP clock cycles, and takes a new
// OCR2B at TOP only (ATmega328P datasheet, 8-bit Timer/Counter2, "Phase Correct PWM Mode"). A
// symbol is a whole number of PWM cycles: every level begins at a TOP, whenever within the PWM
// cycle before it the interrupt has written OCR2B. OCR2B = 0 is constantly low, OCR2B = TOP
// constantly high. TOP of 200 to 255 is 40.0 to 31.4 kHz.
#define TOP_MIN 200
#define TOP_MAX 255

// PWM cycles between the start of the timer and the first symbol, time enough to get ready.
#define LEAD_PWM_CYCLES 8

// The level is handed over this long after the TOP before the one where it takes effect.
#define HANDOVER_CYCLES 8

static uint8_t packed[LIGHT_SYMBOLS_MAX / 4];
static uint16_t loaded;
static uint16_t loaded_crc;

static uint8_t top;
static uint32_t period_cycles;
static uint16_t white_permille = 1000;
static uint16_t grey_permille = 520;

static volatile light_state_t state;
static volatile uint16_t next_symbol;
static uint16_t length;  // of the play in progress or the last one
static volatile uint16_t lateness_max;
static uint8_t compare_of[3];
static uint8_t next_compare;
static uint16_t lateness_limit;

// The period as Timer 1 counts it: half rounds of 32,768 cycles after a step of at most 49,151, none so
// short that its match could pass unseen.
static uint8_t half_rounds;
static uint16_t step_cycles;
static uint8_t half_rounds_left;

void light_init(void)
{
    PORTD &= ~_BV(PORTD3);
    DDRD |= _BV(DDD3);
    light_set_rate(60000);
}

void light_set_rate(uint32_t rate_millihz)
{
    // Half cycles: F_CPU / 2 * 1000 / rate_millihz, rounded, and kept within 32 bits.
    const uint32_t dividend = F_CPU / 4 * 1000;
    uint32_t wanted = dividend / rate_millihz * 2 +
                      (dividend % rate_millihz * 2 + rate_millihz / 2) / rate_millihz;
    uint32_t smallest_error = UINT32_MAX;
    for (uint16_t candidate = TOP_MIN; candidate <= TOP_MAX; candidate++) {
        uint32_t made = (wanted + candidate / 2) / candidate * candidate;
        uint32_t error = made > wanted ? made - wanted : wanted - made;
        if (error < smallest_error) {
            smallest_error = error;
            top = candidate;
            period_cycles = 2 * made;
        }
    }
}

uint32_t light_period_cycles(void) { return period_cycles; }

void light_set_levels(uint16_t white, uint16_t grey)
{
    white_permille = white;
    grey_permille = grey;
}

uint8_t light_top(void) { return top; }

uint8_t light_white(void) { return ((uint32_t)top * white_permille + 500) / 1000; }

uint8_t light_grey(void)
{
    return ((uint32_t)top * white_permille * grey_permille + 500000) / 1000000;
}

static uint8_t symbol_at(uint16_t place) { return packed[place / 4] >> (place % 4 * 2) & 3; }

bool light_keep(uint16_t count)
{
    if (count > loaded) return false;
    if (count == loaded) return true;
    loaded = count;
    loaded_crc = 0;
    for (uint16_t i = 0; i < count; i++) loaded_crc = _crc_xmodem_update(loaded_crc, '0' + symbol_at(i));
    return true;
}

bool light_append(char symbol)
{
    if (symbol < '0' || symbol > '2' || loaded == LIGHT_SYMBOLS_MAX) return false;
    uint8_t shift = loaded % 4 * 2;
    uint8_t *byte = &packed[loaded / 4];
    *byte = (*byte & ~(3 << shift)) | (symbol - '0') << shift;
    loaded_crc = _crc_xmodem_update(loaded_crc, symbol);
    loaded++;
    return true;
}

uint16_t light_loaded(void) { return loaded; }

uint16_t light_crc(void) { return loaded_crc; }

static uint8_t compare_at(uint16_t symbol)
{
    if (symbol >= length) return 0;
    return compare_of[symbol_at(symbol)];
}

static void dark(void)
{
    TIMSK1 &= ~_BV(OCIE1A);
    TCCR2A = 0;  // the pin goes back to PORTD3, which is low
    TCCR2B = 0;
}

uint32_t light_play(void)
{
    uint32_t start;
    compare_of[0] = 0;
    compare_of[1] = light_grey();
    compare_of[2] = light_white();
    length = loaded;
    half_rounds = period_cycles < 0x4000 ? 0 : (period_cycles - 0x4000) >> 15;
    step_cycles = period_cycles - ((uint32_t)half_rounds << 15);
    half_rounds_left = 0;
    lateness_limit = 2 * top - HANDOVER_CYCLES - 2;
    next_compare = compare_at(0);
    next_symbol = 0;
    lateness_max = 0;
    state = LIGHT_PLAYING;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        // In normal mode with the clock stopped the registers take their values at once.
        TCCR2A = 0;
        TCCR2B = 0;
        OCR2A = top;
        OCR2B = 0;
        TCNT2 = 0;
        TCCR2A = _BV(COM2B1) | _BV(WGM20);
        TCCR2B = _BV(WGM22) | _BV(CS20);
        uint16_t two_cycles_later = TCNT1;
        uint32_t now = clock_now();
        start = now - (uint16_t)((uint16_t)now - two_cycles_later) - 2;  // the time of TCNT2 = 0
        start += top + 2UL * top * LEAD_PWM_CYCLES;
        OCR1A = start - 2 * top + HANDOVER_CYCLES;
        TIFR1 = _BV(OCF1A);
        TIMSK1 |= _BV(OCIE1A);
    }
    return start;
}

void light_off(void)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        dark();
        state = LIGHT_DARK;
    }
}

ISR(TIMER1_COMPA_vect)
{
    if (half_rounds_left) {
        half_rounds_left--;
        OCR1A += 0x8000;
        return;
    }
    OCR2B = next_compare;
    uint16_t due = OCR1A;
    uint16_t lateness = TCNT1 - due;
    if (lateness > lateness_max) lateness_max = lateness;
    uint16_t begun = next_symbol;
    if (lateness > lateness_limit || begun > length) {
        dark();
        state = lateness > lateness_limit ? LIGHT_LATE : LIGHT_DONE;
        return;
    }
    if (begun < length) {
        OCR1A = due + step_cycles;
        half_rounds_left = half_rounds;
    } else {
        // After the last symbol's end two PWM cycles of black, then the timer is stopped.
        OCR1A = due + 4 * top;
    }
    next_symbol = begun + 1;
    sei();  // the rest can wait, and the next byte from the host cannot
    next_compare = compare_at(begun + 1);
}

light_state_t light_state(void) { return state; }

light_state_t light_take_end(void)
{
    light_state_t end = LIGHT_DARK;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        if (state == LIGHT_DONE || state == LIGHT_LATE) {
            end = state;
            state = LIGHT_DARK;
        }
    }
    return end;
}

uint16_t light_symbols_played(void)
{
    uint16_t played;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { played = next_symbol; }
    return played > length ? length : played;
}

uint16_t light_lateness_cycles(void)
{
    uint16_t lateness;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { lateness = lateness_max; }
    return lateness;
}

uint16_t light_lateness_limit_cycles(void) { return lateness_limit; }

#include "sensor.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "clock.h"

#define BUFFER_SIZE 64  // a power of two

// ADC clock 16 MHz / 128 = 125 kHz, within the 50 to 200 kHz that 10 bits need. A triggered
// conversion takes 13.5 of its cycles; the sample is held 2 of them and 3 CPU cycles after the
// trigger's edge, which comes 1 CPU cycle after the compare match (ATmega328P datasheet,
// "Analog-to-Digital Converter", "Prescaling and Conversion Timing").
#define ADC_PRESCALER_128 (_BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0))
#define HOLD_DELAY_CYCLES (1 + 3 + 2 * 128)
#define LEAD_CYCLES 1000

static volatile uint16_t buffer[BUFFER_SIZE];
static volatile uint8_t head;
static volatile uint8_t tail;
static volatile uint16_t lost;
static uint32_t next_index;
static uint16_t period_cycles = F_CPU / 1000;
static uint8_t bits = 10;

void sensor_init(void)
{
    ADMUX = _BV(REFS0);  // AVcc, channel 0
    DIDR0 = _BV(ADC0D);
    ADCSRB = _BV(ADTS2) | _BV(ADTS0);  // Timer 1 compare match B
    ADCSRA = _BV(ADEN) | ADC_PRESCALER_128;
    // The first conversion takes longer than all others: it is made here, and thrown away.
    ADCSRA |= _BV(ADSC);
    while (ADCSRA & _BV(ADSC)) {}
}

void sensor_set_rate(uint16_t rate_hz) { period_cycles = (F_CPU + rate_hz / 2) / rate_hz; }

uint16_t sensor_period_cycles(void) { return period_cycles; }

void sensor_set_bits(uint8_t wanted) { bits = wanted; }

uint8_t sensor_bits(void) { return bits; }

uint32_t sensor_start(void)
{
    uint32_t first;
    // The last conversion of the time before, if it still runs, is not to be taken for the first of this.
    while (ADCSRA & _BV(ADSC)) {}
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        head = tail = 0;
        lost = 0;
        next_index = 0;
        first = clock_now() + LEAD_CYCLES;
        OCR1B = first;
        TIFR1 = _BV(OCF1B);
        TIMSK1 |= _BV(OCIE1B);
        ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIE) | _BV(ADIF) | ADC_PRESCALER_128;
    }
    return first + HOLD_DELAY_CYCLES;
}

void sensor_stop(void)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        TIMSK1 &= ~_BV(OCIE1B);
        ADCSRA = _BV(ADEN) | _BV(ADIF) | ADC_PRESCALER_128;
    }
}

bool sensor_running(void) { return ADCSRA & _BV(ADATE); }

// Entering it clears OCF1B, and only a flag that was clear can trigger the next conversion.
ISR(TIMER1_COMPB_vect) { OCR1B += period_cycles; }

ISR(ADC_vect)
{
    uint16_t sample = ADC;
    uint8_t next = (head + 1) % BUFFER_SIZE;
    if (lost || next == tail) {
        if (lost < UINT16_MAX) lost++;
        return;
    }
    buffer[head] = sample;
    head = next;
}

uint8_t sensor_waiting(void) { return (uint8_t)(head - tail) % BUFFER_SIZE; }

uint32_t sensor_next_index(void) { return next_index; }

uint16_t sensor_take(void)
{
    uint16_t sample = buffer[tail];
    tail = (tail + 1) % BUFFER_SIZE;
    next_index++;
    return bits == 8 ? sample >> 2 : sample;
}

bool sensor_lost(void) { return lost; }

uint16_t sensor_take_lost(void)
{
    uint16_t count;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        count = lost;
        lost = 0;
    }
    next_index += count;
    return count;
}

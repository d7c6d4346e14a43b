#include "link.h"

#include <stdlib.h>
#include <string.h>

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>
#include <util/crc16.h>
#include <util/delay.h>

#include "light.h"

#define BAUD_AT_START 115200UL
#define TRANSMIT_SIZE 128  // a power of two

static char received[LINK_LINE_MAX + 1];
static volatile uint8_t received_length;
static volatile bool received_damaged;
static volatile bool line_waiting;
static volatile bool line_lost;
static volatile bool stop_waiting;  // one that came too early; until it is obeyed all lines do
static const char *tag;  // of the line that is being answered, or null

static volatile uint8_t transmit_buffer[TRANSMIT_SIZE];
static volatile uint8_t transmit_head;
static volatile uint8_t transmit_tail;
static uint16_t transmit_crc;

static void set_divisor(uint32_t baud) { UBRR0 = (F_CPU + baud * 4) / (baud * 8) - 1; }

void link_init(void)
{
    UCSR0A = _BV(U2X0);
    set_divisor(BAUD_AT_START);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
    UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

bool link_can(uint32_t baud)
{
    return baud == BAUD_AT_START || baud == 250000 || baud == 500000 || baud == 1000000;
}

void link_set_baud(uint32_t baud)
{
    while (UCSR0B & _BV(UDRIE0)) wdt_reset();
    // The last byte is in the shift register by now, and another may be before it: two byte times at 115,200.
    _delay_us(200);
    set_divisor(baud);
}

// How much of "stop" a line that comes too early has begun with, in capitals or not.
enum { STOP_WORD = 4, STOP_AND_MORE, NO_STOP };

static uint8_t match_stop(uint8_t matched, char c)
{
    static const char word[STOP_WORD] = {'s', 't', 'o', 'p'};
    if (matched > STOP_WORD) return matched;
    if (matched == STOP_WORD) return c == ' ' || c == '#' || c == '*' ? STOP_AND_MORE : NO_STOP;
    if (matched == 0 && c == ' ') return 0;
    return (c | 0x20) == word[matched] ? matched + 1 : NO_STOP;
}

ISR(USART_RX_vect)
{
    static bool skipping;
    static uint8_t matched;
    bool damaged = UCSR0A & (_BV(FE0) | _BV(DOR0));  // DOR: bytes before this one were missed
    char c = UDR0;

    if (c == '\n' || c == '\r') {
        if (line_waiting || stop_waiting || skipping) {
            if (!damaged && (matched == STOP_WORD || matched == STOP_AND_MORE))
                stop_waiting = true;
            else if (skipping || damaged)
                line_lost = true;
            skipping = false;
            matched = 0;
            return;
        }
        if (damaged) received_damaged = true;
        if (received_length || received_damaged) line_waiting = true;
        return;
    }
    if (line_waiting || stop_waiting || skipping) {
        skipping = true;
        matched = damaged ? NO_STOP : match_stop(matched, c);
        return;
    }
    uint8_t length = received_length;
    if (damaged || c < ' ' || c > '~' || length == LINK_LINE_MAX) {
        received_damaged = true;
    } else {
        received[length] = c;
        received_length = length + 1;
    }
}

ISR(USART_UDRE_vect)
{
    uint8_t tail = transmit_tail;
    UDR0 = transmit_buffer[tail];
    tail = (tail + 1) % TRANSMIT_SIZE;
    transmit_tail = tail;
    if (tail == transmit_head) UCSR0B &= ~_BV(UDRIE0);
}

bool link_pending(void) { return line_waiting || stop_waiting || line_lost; }

bool link_parse_crc(const char *text, uint16_t *crc)
{
    *crc = 0;
    for (uint8_t digit = 0; digit < 4; digit++, text++) {
        char c = *text;
        uint8_t value;
        if (c >= '0' && c <= '9')
            value = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = (c | 0x20) - 'a' + 10;
        else
            return false;
        *crc = *crc << 4 | value;
    }
    return !*text;
}

static uint16_t crc_of(const char *text)
{
    uint16_t crc = 0;
    while (*text) crc = _crc_xmodem_update(crc, *text++);
    return crc;
}

// Cuts the text off at the last such character; gives what comes after it, or null.
static char *cut_at_last(char *text, char c)
{
    char *at = strrchr(text, c);
    if (!at) return NULL;
    *at = '\0';
    return at + 1;
}

link_event_t link_receive(char **line)
{
    if (line_waiting) {
        if (received_damaged) return LINK_DAMAGED;
        received[received_length] = '\0';
        *line = received;
        char *sum = cut_at_last(received, '*');
        uint16_t crc;
        if (sum && !(link_parse_crc(sum, &crc) && crc == crc_of(received))) return LINK_BAD_CRC;
        tag = cut_at_last(received, '#');
        return LINK_LINE;
    }
    if (stop_waiting) {
        stop_waiting = false;
        return LINK_STOP;
    }
    if (line_lost) {
        line_lost = false;
        return LINK_LOST;
    }
    return LINK_NOTHING;
}

void link_release(void)
{
    tag = NULL;
    received_length = 0;
    received_damaged = false;
    line_waiting = false;
}

static void transmit(char c)
{
    uint8_t next = (transmit_head + 1) % TRANSMIT_SIZE;
    do {
        wdt_reset();
        if (stop_waiting) light_off();  // however long it takes to say what is being said
    } while (next == transmit_tail);
    transmit_buffer[transmit_head] = c;
    cli();
    transmit_head = next;
    UCSR0B |= _BV(UDRIE0);
    sei();
}

void link_begin(void) { transmit_crc = 0; }

void link_char(char c)
{
    transmit_crc = _crc_xmodem_update(transmit_crc, c);
    transmit(c);
}

void link_text(PGM_P text)
{
    char c;
    while ((c = pgm_read_byte(text++))) link_char(c);
}

void link_decimal(uint32_t number)
{
    char digits[11];
    ultoa(number, digits, 10);
    for (char *digit = digits; *digit; digit++) link_char(*digit);
}

void link_field(PGM_P name, uint32_t value)
{
    link_char(' ');
    link_text(name);
    link_char('=');
    link_decimal(value);
}

void link_hex(uint32_t number, uint8_t digits)
{
    while (digits--) {
        uint8_t nibble = number >> (4 * digits) & 0xf;
        link_char(nibble < 10 ? '0' + nibble : 'a' - 10 + nibble);
    }
}

void link_end(void)
{
    uint16_t crc = transmit_crc;
    link_char('*');
    link_hex(crc, 4);
    transmit('\r');
    transmit('\n');
}

void link_end_reply(void)
{
    if (tag) {
        link_text(PSTR(" #"));
        for (const char *c = tag; *c; c++) link_char(*c);
    }
    link_end();
}

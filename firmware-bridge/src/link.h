// The serial line: lines of ASCII in both directions, each of ours with a CRC (PROTOCOL.md).
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include <avr/pgmspace.h>

// Longest line the board accepts, without its end.
#define LINK_LINE_MAX 120

typedef enum {
    LINK_NOTHING,   // no line has arrived
    LINK_LINE,      // a line is there, its CRC right or not given
    LINK_BAD_CRC,   // the CRC after '*' does not fit the line
    LINK_DAMAGED,   // framing error, a byte that is not printable ASCII, or too long
    LINK_STOP,      // a stop came before the last line had been answered
    LINK_LOST,      // a line came before the last one had been answered, and was dropped
} link_event_t;

void link_init(void);

// Whether the UART makes this rate exactly, or well enough for 115,200.
bool link_can(uint32_t baud);

// Changes the rate when everything has been sent.
void link_set_baud(uint32_t baud);

// Whether link_receive would return something other than LINK_NOTHING.
bool link_pending(void);

// The next event. For LINK_LINE `*line` is the text without its CRC and its tag, valid until link_release().
link_event_t link_receive(char **line);
void link_release(void);

// Reads exactly four hex digits, as a CRC is written.
bool link_parse_crc(const char *text, uint16_t *crc);

// A line out: link_begin, its parts, link_end, which appends the CRC. Waits while the buffer is full.
void link_begin(void);
void link_char(char c);
void link_text(PGM_P text);
void link_decimal(uint32_t number);
void link_field(PGM_P name, uint32_t value);  // " name=value"
void link_hex(uint32_t number, uint8_t digits);
void link_end(void);

// The end of a reply: with the tag of the line that it answers.
void link_end_reply(void);

// The LED on D3 (OC2B): a symbol sequence played by Timer 2's phase-correct PWM.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define LIGHT_SYMBOLS_MAX 4800
#define LIGHT_RATE_MIN_MILLIHZ 10000UL
#define LIGHT_RATE_MAX_MILLIHZ 2000000UL

typedef enum { LIGHT_DARK, LIGHT_PLAYING, LIGHT_DONE, LIGHT_LATE } light_state_t;

void light_init(void);

// Chooses the PWM period whose whole multiple comes nearest to the wanted symbol period.
void light_set_rate(uint32_t rate_millihz);

// Cycles of one symbol: exact, and the same for every symbol.
uint32_t light_period_cycles(void);

// White as thousandths of full light, grey as thousandths of white, 1..1000 each.
void light_set_levels(uint16_t white_permille, uint16_t grey_permille);

// PWM steps: top is full light, and what white and grey come to.
uint8_t light_top(void);
uint8_t light_white(void);
uint8_t light_grey(void);

// The loaded sequence: appended to symbol by symbol ('0', '1' or '2') after what is kept of it, the first
// `count`; false, and nothing is changed, if there are not so many. Takes up to 10 ms.
bool light_keep(uint16_t count);
bool light_append(char symbol);
uint16_t light_loaded(void);
uint16_t light_crc(void);

// Starts the loaded sequence; returns the time of its first symbol's start (clock.h).
uint32_t light_play(void);

// Dark at once, whatever was playing.
void light_off(void);

// LIGHT_DONE or LIGHT_LATE are told once, then the state is LIGHT_DARK.
light_state_t light_state(void);
light_state_t light_take_end(void);

// Symbols begun in this play or the last one.
uint16_t light_symbols_played(void);

// The latest that a level was handed to the timer, in cycles after it could have been, and the most allowed.
uint16_t light_lateness_cycles(void);
uint16_t light_lateness_limit_cycles(void);

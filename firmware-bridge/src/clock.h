// Timer 1: the one clock of the board, 32 bits of CPU cycles (62.5 ns), wrapping after 268 s.
#pragma once
#include <stdint.h>

void clock_init(void);

// Cycles since reset, modulo 2^32.
uint32_t clock_now(void);

// The whole time of a value that the timer had less than 65,536 cycles ago. Interrupts must be off.
uint32_t clock_extend(uint16_t low);

// Time in units of 65,536 cycles (4.096 ms), modulo 2^16. Safe with interrupts on.
uint16_t clock_ticks(void);

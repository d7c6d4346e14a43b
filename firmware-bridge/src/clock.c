#include "clock.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

static volatile uint16_t overflows;

ISR(TIMER1_OVF_vect) { overflows++; }

void clock_init(void)
{
    TCCR1A = 0;
    TCCR1B = _BV(CS10);
    TIMSK1 = _BV(TOIE1);
}

uint32_t clock_now(void)
{
    uint32_t now;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { now = clock_extend(TCNT1); }
    return now;
}

uint32_t clock_extend(uint16_t low)
{
    uint16_t count = TCNT1;
    uint16_t high = overflows;
    // An overflow that waits for its interrupt came before `count` only if that is small.
    if ((TIFR1 & _BV(TOV1)) && count < 0x8000) high++;
    return ((uint32_t)high << 16 | count) - (uint16_t)(count - low);
}

uint16_t clock_ticks(void)
{
    uint16_t ticks;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { ticks = overflows; }
    return ticks;
}

#include "edges.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "clock.h"

#define BUFFER_SIZE 16  // a power of two

static volatile edge_t buffer[BUFFER_SIZE];
static volatile uint8_t head;
static volatile uint8_t tail;
static volatile bool lost;
static bool running;
static uint32_t next_index;

static bool input_is_high(void) { return PINB & _BV(PINB0); }

// Waits for the edge that ends the present level. The flag must be cleared after a change of edge
// (ATmega328P datasheet, "Input Capture Trigger Source").
static void arm(bool high)
{
    if (high)
        TCCR1B &= ~_BV(ICES1);
    else
        TCCR1B |= _BV(ICES1);
    TIFR1 = _BV(ICF1);
}

// An edge between the look at the level and the arming would be missed, and with it the next one.
static void listen(void)
{
    for (uint8_t attempt = 0; attempt < 4; attempt++) {
        bool high = input_is_high();
        arm(high);
        if (input_is_high() != high) continue;
        TIMSK1 |= _BV(ICIE1);
        return;
    }
    lost = true;
}

void edges_start(void)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        head = tail = 0;
        lost = false;
        next_index = 0;
        running = true;
        listen();
    }
}

void edges_stop(void)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        running = false;
        TIMSK1 &= ~_BV(ICIE1);
    }
}

bool edges_running(void) { return running; }

ISR(TIMER1_CAPT_vect)
{
    uint32_t time = clock_extend(ICR1);
    bool high = TCCR1B & _BV(ICES1);
    arm(high);
    // A level that has already ended again was too short to be followed.
    bool missed = input_is_high() != high;
    // The next edge has to wait, so that a symbol that is due comes first however many edges there are.
    TIMSK1 &= ~_BV(ICIE1);
    sei();
    uint8_t next = (head + 1) % BUFFER_SIZE;
    if (missed || next == tail) {
        lost = true;  // nothing more is taken until this is told
        return;
    }
    buffer[head].time = time;
    buffer[head].high = high;
    head = next;
    cli();
    TIMSK1 |= _BV(ICIE1);
}

bool edges_waiting(void) { return head != tail; }

uint32_t edges_next_index(void) { return next_index; }

edge_t edges_take(void)
{
    edge_t edge = {buffer[tail].time, buffer[tail].high};
    tail = (tail + 1) % BUFFER_SIZE;
    next_index++;
    return edge;
}

bool edges_lost(void) { return lost; }

void edges_take_lost(void)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        lost = false;
        if (running) listen();
    }
}

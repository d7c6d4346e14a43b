#include "streams.h"

#include <avr/io.h>
#include <avr/pgmspace.h>

#include "clock.h"
#include "edges.h"
#include "light.h"
#include "link.h"
#include "sensor.h"

#define SAMPLES_PER_LINE 32
// Rounded up, so that nobody is called silent too early.
#define TICKS_OF_MS(ms) (((uint32_t)(ms) * (F_CPU / 1000) + 0xffff) >> 16)

static uint16_t keepalive_ticks = TICKS_OF_MS(1000);
static uint16_t last_heard_ticks;

// ---- Samples

static void send_samples(uint8_t count)
{
    uint8_t digits = sensor_bits() == 8 ? 2 : 3;
    link_begin();
    link_text(PSTR("s "));
    link_hex(sensor_next_index(), 8);
    link_char(' ');
    while (count--) link_hex(sensor_take(), digits);
    link_end();
}

static void send_lost(void)
{
    link_begin();
    link_text(PSTR("lost "));
    link_hex(sensor_next_index(), 8);
    link_field(PSTR("count"), sensor_take_lost());
    link_end();
}

static void send_all(void)
{
    uint8_t count;
    while ((count = sensor_waiting())) send_samples(count < SAMPLES_PER_LINE ? count : SAMPLES_PER_LINE);
    if (sensor_lost()) send_lost();
}

void streams_end_samples(void)
{
    sensor_stop();
    send_all();
}

// ---- Edges

static void send_edge(void)
{
    link_begin();
    link_text(PSTR("e "));
    link_hex(edges_next_index(), 8);
    edge_t edge = edges_take();
    link_char(' ');
    link_hex(edge.time, 8);
    link_text(edge.high ? PSTR(" 1") : PSTR(" 0"));
    link_end();
}

static void send_edges_lost(void)
{
    link_begin();
    link_text(PSTR("elost "));
    link_hex(edges_next_index(), 8);
    link_end();
    edges_take_lost();
}

void streams_end_edges(void)
{
    edges_stop();
    while (edges_waiting()) send_edge();
    if (edges_lost()) send_edges_lost();
}

// ---- Start and end

void streams_tell_ready(uint8_t reset_cause)
{
    // An empty line, as the reset may have cut one short.
    link_begin();
    link_end();
    link_begin();
    link_text(PSTR("ready name=blinkup-bridge reset="));
    if (reset_cause & _BV(WDRF))
        link_text(PSTR("watchdog"));
    else if (reset_cause & _BV(PORF))  // sets the flags below, too
        link_text(PSTR("power-on"));
    else if (reset_cause & _BV(BORF))
        link_text(PSTR("brown-out"));
    else if (reset_cause & _BV(EXTRF))
        link_text(PSTR("external"));
    else
        link_text(PSTR("bootloader"));
    link_end();
}

static void tell_end(PGM_P how)
{
    link_begin();
    link_text(PSTR("end "));
    link_text(how);
    link_field(PSTR("symbols"), light_symbols_played());
    link_field(PSTR("late"), light_lateness_cycles());
    link_field(PSTR("limit"), light_lateness_limit_cycles());
    link_end();
}

// ---- The host's silence

void streams_set_keepalive(uint16_t ms) { keepalive_ticks = TICKS_OF_MS(ms); }

void streams_host_heard(void) { last_heard_ticks = clock_ticks(); }

static bool host_is_silent(void)
{
    if (light_state() != LIGHT_PLAYING && !sensor_running() && !edges_running()) return false;
    return (uint16_t)(clock_ticks() - last_heard_ticks) > keepalive_ticks;
}

// ---- All of them

bool streams_pending(void)
{
    light_state_t light = light_state();
    return light == LIGHT_DONE || light == LIGHT_LATE || sensor_waiting() >= SAMPLES_PER_LINE ||
           sensor_lost() || edges_waiting() || edges_lost() || host_is_silent();
}

void streams_run(void)
{
    if (host_is_silent()) {
        bool playing = light_state() == LIGHT_PLAYING;
        light_off();
        streams_end_samples();
        streams_end_edges();
        if (playing) tell_end(PSTR("keepalive"));
    }
    switch (light_take_end()) {
    case LIGHT_DONE: tell_end(PSTR("done")); break;
    case LIGHT_LATE: tell_end(PSTR("late")); break;
    default: break;
    }
    if (sensor_lost())
        send_all();
    else if (sensor_waiting() >= SAMPLES_PER_LINE)
        send_samples(SAMPLES_PER_LINE);

    // One at a time, so that commands are heard however many edges there are.
    if (edges_waiting())
        send_edge();
    else if (edges_lost())
        send_edges_lost();
}

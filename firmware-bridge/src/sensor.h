// The photodiode on A0: conversions that Timer 1 triggers, kept until the main loop sends them.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SENSOR_RATE_MIN_HZ 250
#define SENSOR_RATE_MAX_HZ 9000

void sensor_init(void);

// The sample period comes to the whole number of cycles nearest to the wanted rate.
void sensor_set_rate(uint16_t rate_hz);
uint16_t sensor_period_cycles(void);

// Results of 10 bits or, when sending those would take too long, the upper 8 of them.
void sensor_set_bits(uint8_t bits);
uint8_t sensor_bits(void);

// Starts sampling; returns the time at which the first sample is held (clock.h).
uint32_t sensor_start(void);
void sensor_stop(void);
bool sensor_running(void);

// Samples that wait to be sent, and the index (from 0 at the start) of the oldest of them.
uint8_t sensor_waiting(void);
uint32_t sensor_next_index(void);
uint16_t sensor_take(void);

// Whether samples were lost because the buffer was full. They come after the waiting ones, and no
// more are kept until these have been taken, and then the loss: how many, and the index moves on.
bool sensor_lost(void);
uint16_t sensor_take_lost(void);

// Edge times of the input on D8 (ICP1), taken by Timer 1's input capture at the full 62.5 ns.
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t time;  // clock.h
    bool high;      // the level after the edge
} edge_t;

void edges_start(void);
void edges_stop(void);
bool edges_running(void);

// Edges that wait to be sent, and the index (from 0 at the start) of the oldest of them.
bool edges_waiting(void);
uint32_t edges_next_index(void);
edge_t edges_take(void);

// Whether edges were lost because they came too fast. They come after the waiting ones, and no more
// are kept until these have been taken, and then the loss. How many is unknown.
bool edges_lost(void);
void edges_take_lost(void);

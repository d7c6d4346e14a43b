// What the board says on its own (PROTOCOL.md): its start, samples, edges and the end of the light; and the
// end of them all when the host is silent.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Says that the board has started, and why.
void streams_tell_ready(uint8_t reset_cause);

// Ends samples or edges, and sends those that wait.
void streams_end_samples(void);
void streams_end_edges(void);

// The longest silence of the host while light, samples or edges are on; and that it has been heard.
void streams_set_keepalive(uint16_t ms);
void streams_host_heard(void);

// Whether streams_run would do something.
bool streams_pending(void);

// Sends what waits, tells ends, watches over the keep-alive.
void streams_run(void);

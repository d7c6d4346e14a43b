// The board's commands and what it says on its own (PROTOCOL.md).
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Says that the board has started, and why.
void commands_ready(uint8_t reset_cause);

// Whether commands_run would do something.
bool commands_pending(void);

// Answers a waiting command, sends waiting samples, tells ends, watches over the keep-alive.
void commands_run(void);

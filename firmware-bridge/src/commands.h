// The board's commands (PROTOCOL.md).
#pragma once

// Answers a waiting command.
void commands_run(void);

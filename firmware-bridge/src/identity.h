// The serial number that its owner gave the board, kept in EEPROM.
#pragma once
#include <stdbool.h>

#define IDENTITY_MAX 16

// The serial number, or "-" when there is none.
const char *identity_serial(void);

// Keeps it; takes up to 60 ms. False, and nothing is changed, unless it is 1 to 16 letters, digits,
// hyphens or underscores.
bool identity_set_serial(const char *serial);

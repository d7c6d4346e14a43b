// Draws the waveform of the page: samples, and under them the bits, bytes and fields of each message.

package dev.gantry.simulator;

/** How a connection is cut. */
public enum Ending {
    /** An orderly FIN: the client reads an end of stream. */
    CLOSE,
    /** A RST: the client reads "connection reset". */
    RESET
}

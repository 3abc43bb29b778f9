package dev.gantry.simulator.script;

/** How a connection is cut. */
public enum ConnectionEnd {
    /** An orderly FIN: the client reads an end of stream. */
    CLOSE,
    /** A RST: the client reads "connection reset". */
    RESET
}

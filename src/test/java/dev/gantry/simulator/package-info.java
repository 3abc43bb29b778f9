/** The simulator against real clients: the JDK's, and bare sockets where those hide too much. */
@NullMarked
package dev.gantry.simulator;

import org.jspecify.annotations.NullMarked;

/** Idle connections, on real sockets and a clock moved by hand. */
@NullMarked
package dev.gantry.provider.http;

import org.jspecify.annotations.NullMarked;

/** HTTP/1.1 from the server's side, with clients that leave and connections that are cut. */
@NullMarked
package dev.gantry.simulator.http;

import org.jspecify.annotations.NullMarked;

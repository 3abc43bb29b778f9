/** Provider calls against real sockets whose other end is scripted. */
@NullMarked
package dev.gantry.provider;

import org.jspecify.annotations.NullMarked;

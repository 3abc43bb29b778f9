@NullMarked
package dev.gantry.traffic;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.gantry.delivery;

import org.jspecify.annotations.NullMarked;

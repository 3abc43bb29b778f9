@NullMarked
package dev.gantry.metering;

import org.jspecify.annotations.NullMarked;

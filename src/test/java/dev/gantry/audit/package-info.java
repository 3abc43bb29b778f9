@NullMarked
package dev.gantry.audit;

import org.jspecify.annotations.NullMarked;

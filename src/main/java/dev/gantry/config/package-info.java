/** Binds and cross-checks everything under gantry.*; names each mistake. */
@NullMarked
package dev.gantry.config;

import org.jspecify.annotations.NullMarked;

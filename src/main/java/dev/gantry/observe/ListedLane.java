package dev.gantry.observe;

import dev.gantry.inference.LaneId;

/**
 * A configured lane, as the lanes page shows it.
 *
 * @param weight tier × provider × instance × model weight; 0 closes the lane
 * @param credentials whether the instance has what its auth style needs
 */
public record ListedLane(LaneId id, double weight, boolean credentials) {}

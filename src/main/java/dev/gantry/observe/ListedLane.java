package dev.gantry.observe;

import dev.gantry.inference.LaneId;

/**
 * A lane of the catalogue, as the lanes page shows it.
 *
 * @param weight tier × provider × instance × model weight; 0 closes the lane
 * @param credentials whether the instance has what its auth style needs
 * @param discovered whether it is there because its instance lists the model
 */
public record ListedLane(LaneId id, double weight, boolean credentials, boolean discovered) {}

package dev.gantry.worker;

import static dev.gantry.routing.LaneDraft.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.LaneId;

import org.junit.jupiter.api.Test;

class RequestHandleTest {
    private static final LaneId PRIMARY = lane("local:a:x:inference:m").build().id();
    private static final LaneId BACKUP = lane("local:b:x:inference:m").build().id();

    private final RequestHandle handle = new RequestHandle();

    @Test
    void showsTheCallThatHasBeenUnderWayLongest() {
        assertThat(handle.lane()).isNull();
        handle.calling(PRIMARY);
        handle.calling(BACKUP);
        assertThat(handle.lane()).isEqualTo(PRIMARY);
        handle.ended(PRIMARY);
        assertThat(handle.lane()).isEqualTo(BACKUP);
        handle.ended(BACKUP);
        assertThat(handle.lane()).isNull();
    }
}

package dev.gantry.observe;

import dev.gantry.intake.Intake;
import dev.gantry.intake.position.PartitionState;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /actuator/intake}: per partition the watermark, what is open, and who holds it up. */
@Endpoint(id = "intake")
public final class IntakeEndpoint {
    private final Intake intake;

    public IntakeEndpoint(Intake intake) {
        this.intake = intake;
    }

    @ReadOperation
    public Map<String, Object> intake() {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("in_flight", intake.inFlight());
        page.put("waiting", intake.waiting());
        page.put("parked", intake.parked());
        page.put("parked_full", intake.parkedFull());
        page.put("full", intake.full());
        page.put("handed_over", intake.handedOver());
        page.put("held_elsewhere", intake.heldElsewhere());
        page.put("draining", intake.draining());
        List<PartitionState> partitions = intake.partitions();
        page.put("partitions", partitions.stream().map(IntakeEndpoint::row).toList());
        return page;
    }

    private static Map<String, Object> row(PartitionState state) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("topic", state.topic());
        row.put("partition", state.partition());
        row.put("watermark", state.watermark());
        row.put("open", state.open());
        row.put("map_truncated", state.mapTruncated());
        if (state.oldest() != null) {
            row.put("oldest", oldest(state.oldest()));
        }
        return row;
    }

    /** Shared with the readiness page. */
    static Map<String, Object> oldest(PartitionState.Oldest oldest) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("offset", oldest.offset());
        row.put("request_id", oldest.requestId());
        row.put("lane", oldest.lane());
        if (oldest.heldBy() != null) {
            row.put("held_by", oldest.heldBy());
        }
        row.put("age_ms", oldest.age().toMillis());
        return row;
    }
}

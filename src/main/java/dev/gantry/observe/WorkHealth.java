package dev.gantry.observe;

import dev.gantry.circuit.CircuitFeed;
import dev.gantry.circuit.Circuits;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.StateLabel;
import dev.gantry.intake.Intake;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.PartitionState;
import dev.gantry.memory.ByteBudget;
import dev.gantry.outbox.Publisher;
import dev.gantry.outbox.SpoolStatus;
import dev.gantry.secret.Scrubber;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Readiness: up while work goes on, with what is degraded; out of service when intake has stopped.
 */
public final class WorkHealth implements HealthIndicator {
    private final Intake intake;
    private final Publisher publisher;
    private final WorkerHeartbeat heartbeat;
    private final Circuits circuits;
    private final ByteBudget budget;
    private final BooleanSupplier ledgerAnswers;
    private final Supplier<List<LaneId>> lanes;

    /** Of requests that wait. */
    private final int maxParked;

    /**
     * @param ledgerAnswers whether capped requests are booked
     * @param lanes those in force
     */
    public WorkHealth(
            Intake intake,
            Publisher publisher,
            WorkerHeartbeat heartbeat,
            Circuits circuits,
            ByteBudget budget,
            BooleanSupplier ledgerAnswers,
            Supplier<List<LaneId>> lanes,
            int maxParked) {
        this.intake = intake;
        this.publisher = publisher;
        this.heartbeat = heartbeat;
        this.circuits = circuits;
        this.budget = budget;
        this.ledgerAnswers = ledgerAnswers;
        this.lanes = lanes;
        this.maxParked = maxParked;
    }

    @Override
    public Health health() {
        Publisher.Status publishing = publisher.status();
        List<String> degraded = degraded(publishing);
        Health.Builder health =
                stopped(publishing)
                        .map(why -> Health.outOfService().withDetail("reason", why))
                        .orElseGet(Health::up);
        oldest().ifPresent(row -> health.withDetail("oldest", IntakeEndpoint.oldest(row)));
        return health.withDetail("degraded", degraded.stream().map(Scrubber::clean).toList())
                .withDetail(
                        "setbacks",
                        intake.logResets().places().stream()
                                .map(LogResets.Place::toString)
                                .toList())
                .withDetail("circuits", LanesEndpoint.feed(circuits.status()))
                .build();
    }

    private Optional<String> stopped(Publisher.Status publishing) {
        if (intake.draining()) {
            return Optional.of("draining");
        }
        if (!intake.polling()) {
            return Optional.of("database and broker not reached yet");
        }
        if (intake.withdrawn()) {
            return Optional.of(
                    "egress: calls fail on this worker and succeed on others: "
                            + String.join(", ", circuits.contradicted()));
        }
        if (!publishing.healthy() && !heartbeat.heard()) {
            return Optional.of(
                    Scrubber.clean(
                            "broker and database are both away: "
                                    + Viewer.database(heartbeat.trouble())));
        }
        SpoolStatus spool = publisher.spool();
        if (spool.full()) {
            return Optional.of(
                    "the spool is full: %d records, %d bytes"
                            .formatted(spool.records(), spool.bytes()));
        }
        return Optional.empty();
    }

    private List<String> degraded(Publisher.Status publishing) {
        List<String> degraded = new ArrayList<>();
        publisher
                .brokerDownSince()
                .ifPresentOrElse(
                        since -> degraded.add("broker down since %s, %s".formatted(since, place())),
                        () -> topics(publishing, degraded));
        if (publisher.spool().setAside() > 0) {
            degraded.add("records set aside: " + publisher.spool().setAside());
        }
        if (intake.polling() && !heartbeat.heard()) {
            degraded.add(Viewer.database(heartbeat.trouble()));
        }
        CircuitFeed feed = circuits.status();
        if (intake.polling() && feed.source() == CircuitFeed.Source.AWAY) {
            degraded.add(
                    "circuits are this worker's own since %s: %s"
                            .formatted(feed.since(), Viewer.database(feed.trouble())));
        }
        Set<String> alone = circuits.contradicted();
        if (!alone.isEmpty()) {
            degraded.add(
                    "egress: calls to %s fail on this worker and succeed on others"
                            .formatted(String.join(", ", alone)));
        }
        degraded.addAll(unusable(lanes.get(), lane -> circuits.availability(lane).label()));
        if (!ledgerAnswers.getAsBoolean()) {
            degraded.add("the budget ledger does not answer: requests with session_usd wait");
        }
        if (intake.parkedFull()) {
            degraded.add(
                    "%d requests wait, gantry.worker.max-parked is %d: fetching has stopped"
                            .formatted(intake.parked(), maxParked));
        }
        intake.missingTopics()
                .forEach(
                        each ->
                                degraded.add(
                                        "the requests topic %s does not exist: waiting for it"
                                                .formatted(each)));
        for (PartitionState state : intake.partitions()) {
            if (state.pending() != null) {
                degraded.add(
                        "partition %d is not read yet: %s"
                                .formatted(state.partition(), state.pending()));
            }
        }
        if (budget.spent()) {
            degraded.add(memory());
        }
        intake.skipped().places().forEach(place -> degraded.add(place.toString()));
        intake.noMember()
                .map(reason -> "not a member of the consumer group" + Viewer.because(reason))
                .or(
                        () ->
                                intake.trouble()
                                        .map(
                                                reason ->
                                                        "the consumer fails"
                                                                + Viewer.because(reason)))
                .ifPresent(degraded::add);
        intake.partitions().stream()
                .filter(PartitionState::mapTruncated)
                .map(
                        state ->
                                "partition %d: the database takes no finished positions, fetching has stopped"
                                        .formatted(state.partition()))
                .forEach(degraded::add);
        return degraded;
    }

    /** The providers none of whose lanes takes calls, each with how its lanes stand. */
    static List<String> unusable(List<LaneId> lanes, Function<LaneId, StateLabel> state) {
        Map<String, Map<String, Integer>> providers = new TreeMap<>();
        for (LaneId lane : lanes) {
            providers
                    .computeIfAbsent(lane.provider(), _ -> new TreeMap<>())
                    .merge(state.apply(lane).label(), 1, Integer::sum);
        }
        return providers.entrySet().stream()
                .filter(each -> !each.getValue().containsKey(StateLabel.CLOSED.label()))
                .map(
                        each ->
                                "provider %s: none of its lanes takes calls: %s"
                                        .formatted(
                                                each.getKey(),
                                                each.getValue().entrySet().stream()
                                                        .map(
                                                                count ->
                                                                        count.getValue()
                                                                                + " "
                                                                                + count.getKey())
                                                        .collect(Collectors.joining(", "))))
                .toList();
    }

    private String memory() {
        return "memory: answers and undelivered records leave no room in"
                + " gantry.worker.max-in-flight-size (%d bytes); %d answers wait to be read, no call goes"
                        .formatted(budget.limit(), budget.waiting());
    }

    private void topics(Publisher.Status publishing, List<String> degraded) {
        if (!publishing.healthy()) {
            degraded.add(
                    "a topic takes no records%s; %s"
                            .formatted(Viewer.because(publishing.lastError()), place()));
        }
    }

    private String place() {
        return publisher.spool().reachable() ? "spooling" : "records wait in memory";
    }

    private Optional<PartitionState.Oldest> oldest() {
        List<PartitionState.Oldest> oldest = new ArrayList<>();
        for (PartitionState state : intake.partitions()) {
            if (state.oldest() != null) {
                oldest.add(state.oldest());
            }
        }
        return oldest.stream().max(Comparator.comparing(PartitionState.Oldest::age));
    }
}

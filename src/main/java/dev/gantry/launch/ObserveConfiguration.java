package dev.gantry.launch;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.LaneLoad;
import dev.gantry.budget.BudgetLedger;
import dev.gantry.circuit.Circuits;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.broker.KafkaDefaults;
import dev.gantry.discovery.ModelDiscovery;
import dev.gantry.event.Origin;
import dev.gantry.fleet.RecordedLane;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.LaneId;
import dev.gantry.intake.Intake;
import dev.gantry.limit.FleetLimits;
import dev.gantry.memory.ByteBudget;
import dev.gantry.observe.ChunkMeters;
import dev.gantry.observe.ConsumerLag;
import dev.gantry.observe.IntakeEndpoint;
import dev.gantry.observe.IntakeMeters;
import dev.gantry.observe.LanesEndpoint;
import dev.gantry.observe.LastErrors;
import dev.gantry.observe.LimitMeters;
import dev.gantry.observe.ListedLane;
import dev.gantry.observe.MemoryMeters;
import dev.gantry.observe.PollLoopHealth;
import dev.gantry.observe.RequestMeters;
import dev.gantry.observe.SpoolMeters;
import dev.gantry.observe.WorkHealth;
import dev.gantry.outbox.ChunkPublisher;
import dev.gantry.outbox.Publisher;
import dev.gantry.request.RequestTopic;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.Lane;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.apache.kafka.clients.admin.Admin;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import javax.sql.DataSource;

/** What can be seen of a running worker. */
@Configuration(proxyBeanMethods = false)
class ObserveConfiguration {
    /** Beyond what a rebalance may rightly take on top of its grace. */
    private static final Duration STUCK = Duration.ofSeconds(60);

    /** A worker that its group does not take for so long may fare better as a new process. */
    private static final Duration OUTSIDE_GROUP = Duration.ofMinutes(5);

    @Bean
    LastErrors lastErrors() {
        return new LastErrors();
    }

    @Bean
    RequestMeters requestMeters(
            GantrySettings settings,
            MeterRegistry registry,
            LastErrors errors,
            InstantSource clock) {
        GantrySettings.Observe observe = settings.observe();
        return new RequestMeters(
                registry,
                errors,
                new RequestMeters.Shown(
                        topics(settings),
                        observe.histograms() ? RequestMeters.BUCKETS : List.of(),
                        observe.loggedSuccesses()),
                clock);
    }

    private static List<String> topics(GantrySettings settings) {
        return settings.sources().stream().map(RequestTopic::name).toList();
    }

    @Bean
    LanesEndpoint lanesEndpoint(
            Circuits circuits,
            AdmissionControl admission,
            Catalogue catalogue,
            LastErrors errors,
            FleetLimits limits,
            ModelDiscovery discovery) {
        return new LanesEndpoint(
                circuits, admission, () -> listed(catalogue), errors, limits, discovery::known);
    }

    private static List<ListedLane> listed(Catalogue catalogue) {
        return catalogue.current().lanes().stream()
                .map(
                        lane ->
                                new ListedLane(
                                        lane.id(),
                                        lane.weight(),
                                        lane.credentials(),
                                        lane.discovered()))
                .toList();
    }

    @Bean
    WorkerHeartbeat workerHeartbeat(
            DataSource dataSource,
            GantrySettings settings,
            WorkerName name,
            Origin origin,
            Catalogue catalogue,
            ObjectProvider<AdmissionControl> admission) {
        return new WorkerHeartbeat(
                dataSource,
                settings.database().schema(),
                name,
                origin.build(),
                () -> recorded(catalogue, admission.getObject()));
    }

    private static List<RecordedLane> recorded(Catalogue catalogue, AdmissionControl admission) {
        Map<LaneId, LaneLoad> loads =
                admission.loads().stream()
                        .collect(Collectors.toMap(LaneLoad::lane, Function.identity()));
        return catalogue.current().lanes().stream()
                .map(Lane::id)
                .map(
                        id -> {
                            LaneLoad load = loads.get(id);
                            return load == null
                                    ? new RecordedLane(id.value(), 1, 0, 0, null)
                                    : new RecordedLane(
                                            id.value(),
                                            1,
                                            load.underWay(),
                                            load.waiting(),
                                            load.perSecond());
                        })
                .toList();
    }

    @Bean
    IntakeEndpoint intakeEndpoint(Intake intake) {
        return new IntakeEndpoint(intake);
    }

    @Bean
    PollLoopHealth pollLoopHealthIndicator(Intake intake, GantrySettings settings) {
        return new PollLoopHealth(
                intake, STUCK.plus(settings.worker().revokeGrace()), OUTSIDE_GROUP);
    }

    @Bean
    WorkHealth workHealthIndicator(
            Intake intake,
            Publisher publisher,
            WorkerHeartbeat heartbeat,
            Circuits circuits,
            ByteBudget budget,
            BudgetLedger ledger,
            CatalogueSwap catalogue,
            GantrySettings settings) {
        return new WorkHealth(
                intake,
                publisher,
                heartbeat,
                circuits,
                budget,
                ledger::answers,
                () -> catalogue.inForce().lanes().stream().map(Lane::id).toList(),
                settings.worker().maxParked());
    }

    @Bean(initMethod = "start")
    ConsumerLag lag(Intake intake, AdmissionControl admission, KafkaDefaults kafka) {
        return new ConsumerLag(
                intake, admission::takesCalls, () -> Admin.create(kafka.adminProperties()));
    }

    @Bean
    MeterBinder intakeMeters(Intake intake, ConsumerLag lag, GantrySettings settings) {
        return new IntakeMeters(intake, lag, topics(settings));
    }

    @Bean
    MeterBinder limitMeters(FleetLimits limits) {
        return new LimitMeters(limits);
    }

    @Bean
    MeterBinder memoryMeters(ByteBudget budget) {
        return new MemoryMeters(budget);
    }

    @Bean
    MeterBinder chunkMeters(ChunkPublisher chunks) {
        return new ChunkMeters(chunks);
    }

    @Bean
    MeterBinder spoolMeters(Publisher publisher) {
        return new SpoolMeters(publisher);
    }
}

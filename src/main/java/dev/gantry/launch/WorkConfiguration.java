package dev.gantry.launch;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.TopicShare;
import dev.gantry.audit.AuditSettings;
import dev.gantry.budget.BudgetLedger;
import dev.gantry.circuit.Circuits;
import dev.gantry.classification.Classifier;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.broker.Codecs;
import dev.gantry.config.broker.KafkaDefaults;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.delivery.Delivery;
import dev.gantry.discovery.ModelDiscovery;
import dev.gantry.escalation.EscalationLoop;
import dev.gantry.escalation.LaneCall;
import dev.gantry.event.EventSettings;
import dev.gantry.event.Origin;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.fleet.WorkerName;
import dev.gantry.handover.StoredHandover;
import dev.gantry.intake.Intake;
import dev.gantry.limit.FleetLimits;
import dev.gantry.memory.ByteBudget;
import dev.gantry.observe.CircuitEvents;
import dev.gantry.outbox.ChunkPublisher;
import dev.gantry.outbox.KeptAnswers;
import dev.gantry.outbox.OversizeAnswers;
import dev.gantry.outbox.Publisher;
import dev.gantry.outbox.SpoolSettings;
import dev.gantry.outbox.StoredCompletions;
import dev.gantry.provider.Providers;
import dev.gantry.request.RequestTopic;
import dev.gantry.request.RequestTopics;
import dev.gantry.routing.Catalogue;
import dev.gantry.worker.RequestHandler;
import dev.gantry.worker.RequestObserver;
import dev.gantry.worker.RouteReports;
import dev.gantry.worker.Worker;
import dev.gantry.worker.WriteAhead;

import io.micrometer.core.instrument.MeterRegistry;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

import java.time.InstantSource;
import java.util.Map;

import javax.sql.DataSource;

/** The worker's parts, in the order of a request's path. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = FlywayAutoConfiguration.class)
@Import({CatalogueConfiguration.class, ObserveConfiguration.class})
class WorkConfiguration {
    private static final Logger log = LoggerFactory.getLogger(WorkConfiguration.class);

    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }

    @Bean
    KafkaDefaults kafkaDefaults(
            GantrySettings settings,
            KafkaProperties kafka,
            KafkaConnectionDetails connection,
            Environment environment) {
        KafkaDefaults defaults =
                new KafkaDefaults(kafka, connection, environment, settings.worker());
        defaults.notices().forEach(log::warn);
        Codecs.foreign().forEach(log::warn);
        return defaults;
    }

    @Bean
    WorkerName workerName(GantrySettings settings) {
        return WorkerName.of(settings.worker().name());
    }

    @Bean
    RequestTopics requestTopics(GantrySettings settings) {
        return new RequestTopics(settings.sources());
    }

    @Bean
    Intake intake(
            GantrySettings settings,
            RequestTopics topics,
            RequestHandler handler,
            Publisher publisher,
            StoredCompletions finished,
            StoredHandover handover,
            ByteBudget budget,
            InstantSource clock) {
        Intake intake =
                new Intake(
                        settings.worker(),
                        topics,
                        handler,
                        () -> sum(publisher.burden(), budget),
                        new Intake.Shared(finished, handover),
                        clock);
        budget.counts(intake::heldBytes, publisher::outstandingMemory);
        publisher.onLess(budget::freed);
        return intake;
    }

    /** A burden without end stays one. */
    private static long sum(long burden, ByteBudget budget) {
        return burden == Long.MAX_VALUE ? burden : budget.answers() + budget.undelivered();
    }

    /**
     * An answer is there as it came, and then as a result and in the producer's buffer; twice more
     * in an audit that shows it in full.
     */
    @Bean
    ByteBudget byteBudget(GantrySettings settings) {
        int weight = settings.audit().content() == AuditSettings.Content.FULL ? 4 : 2;
        return new ByteBudget(settings.worker().maxInFlightBytes(), weight);
    }

    @Bean(initMethod = "start")
    OutageWatch outageWatch(WorkerLifecycle lifecycle) {
        return new OutageWatch(lifecycle::brokerTrouble, lifecycle::databaseTrouble);
    }

    @Bean
    EgressWatch egressWatch(Circuits circuits, Intake intake, CatalogueSwap catalogue) {
        EgressWatch watch = new EgressWatch(circuits, intake, catalogue::endpoints);
        watch.start();
        return watch;
    }

    @Bean
    Worker worker(
            GantrySettings settings,
            Catalogue catalogue,
            EscalationLoop escalation,
            Delivery delivery,
            ChunkPublisher chunks,
            Circuits circuits,
            RequestObserver observer,
            InstantSource clock) {
        WriteAhead writeAhead = settings.metering().writeAhead() ? WriteAhead.ON : WriteAhead.OFF;
        RouteReports reports =
                new RouteReports(
                        lane -> circuits.availability(lane).label(), catalogue.latencies());
        return new Worker(
                escalation,
                new Worker.Means(
                        catalogue, delivery, chunks, reports, observer, writeAhead, clock));
    }

    @Bean
    EscalationLoop escalationLoop(
            Providers providers,
            Circuits circuits,
            AdmissionControl admission,
            FleetLimits limits,
            ByteBudget budget,
            BudgetLedger budgets,
            InstantSource clock) {
        LaneCall calls =
                new LaneCall(providers::at, new Classifier(), limits, clock, System::nanoTime);
        return new EscalationLoop(calls, circuits, admission, budget, budgets, clock);
    }

    /** Closed before the data source: what is still to be booked goes first. */
    @Bean
    BudgetLedger budgetLedger(DataSource dataSource, GantrySettings settings) {
        return new BudgetLedger(dataSource, settings.database().schema());
    }

    @Bean
    AdmissionControl admission(
            GantrySettings settings,
            RequestTopics topics,
            Circuits circuits,
            FleetLimits limits,
            ByteBudget budget,
            InstantSource clock) {
        AdmissionSettings how =
                new AdmissionSettings(
                        settings.worker().maxInFlight(),
                        settings.worker().laneShare(),
                        topic -> share(topics.of(topic)));
        AdmissionControl admission =
                new AdmissionControl(
                        how, circuits, limits, clock, System::nanoTime, budget::admits);
        budget.onRoom(admission::roomAgain);
        admission.start();
        return admission;
    }

    /** Closed before the data source: its shares go back to the others. */
    @Bean
    FleetLimits fleetLimits(
            GantrySettings settings,
            LaneCatalog catalog,
            WorkerName name,
            DataSource dataSource,
            Circuits circuits) {
        FleetLimits limits =
                FleetLimits.shared(
                        dataSource, settings.database().schema(), name, System::nanoTime);
        limits.offer(catalog.limits());
        circuits.hear(FleetLimits.CHANNEL, limits::heard);
        return limits;
    }

    private static TopicShare share(RequestTopic topic) {
        Integer most = topic.maxInFlight();
        return new TopicShare(topic.share(), most == null ? Integer.MAX_VALUE : most);
    }

    @Bean
    Circuits circuits(
            GantrySettings settings,
            LaneCatalog catalog,
            WorkerName name,
            DataSource dataSource,
            StoredHandover handover,
            InstantSource clock) {
        Circuits circuits =
                Circuits.shared(
                        settings.circuit(),
                        catalog.members(),
                        name,
                        dataSource,
                        settings.database(),
                        clock);
        circuits.hear(handover.channel(), handover::heard);
        return circuits;
    }

    /** Listens before the lifecycle starts the circuits. */
    @Bean
    CircuitEvents circuitEvents(Circuits circuits, Delivery delivery, MeterRegistry registry) {
        CircuitEvents herald = new CircuitEvents(delivery, registry);
        herald.listenTo(circuits);
        return herald;
    }

    @Bean
    Publisher publisher(
            KafkaDefaults kafka,
            GantrySettings settings,
            WorkerName name,
            DataSource dataSource,
            InstantSource clock) {
        Map<String, Object> properties = kafka.publisherProperties();
        SpoolSettings spool =
                new SpoolSettings(dataSource, settings.database().schema(), name, settings.spool());
        return new Publisher(() -> new KafkaProducer<>(properties), spool, clock);
    }

    @Bean
    ChunkPublisher chunkPublisher(KafkaDefaults kafka, GantrySettings settings) {
        Map<String, Object> properties =
                ChunkPublisher.producerProperties(kafka.publisherProperties());
        return new ChunkPublisher(
                () -> new KafkaProducer<>(properties), settings.topics().chunks());
    }

    @Bean
    StoredCompletions storedCompletions(DataSource dataSource, GantrySettings settings) {
        return new StoredCompletions(dataSource, settings.database().schema());
    }

    @Bean
    StoredHandover storedHandover(DataSource dataSource, GantrySettings settings, WorkerName name) {
        return new StoredHandover(dataSource, settings.database().schema(), name);
    }

    @Bean
    KeptAnswers keptAnswers(DataSource dataSource, GantrySettings settings) {
        return new KeptAnswers(dataSource, settings.database().schema());
    }

    @Bean
    OversizeAnswers oversizeAnswers(KeptAnswers answers) {
        return new OversizeAnswers(answers);
    }

    @Bean
    Delivery delivery(
            Publisher publisher,
            OversizeAnswers keeper,
            GantrySettings settings,
            KafkaDefaults kafka,
            Origin origin,
            InstantSource clock) {
        EventSettings how =
                new EventSettings(
                        origin,
                        settings.topics(),
                        settings.audit(),
                        settings.observe().decisions(),
                        kafka.maxRecordBytes());
        return new Delivery(publisher, keeper, how, clock);
    }

    @Bean
    Origin origin(GantrySettings settings, WorkerName name, BuildProperties build) {
        return new Origin(settings.deployment(), name.id(), String.valueOf(build.getVersion()));
    }

    @Bean
    FleetSchema fleetSchema(DataSource dataSource, GantrySettings settings) {
        return new FleetSchema(dataSource, settings.database().schema());
    }

    @Bean
    WorkerLifecycle workerLifecycle(
            GantrySettings settings,
            KafkaDefaults kafka,
            FleetSchema schema,
            WorkerHeartbeat heartbeat,
            WorkerLifecycle.Parts parts) {
        return new WorkerLifecycle(settings, kafka, schema, heartbeat, parts);
    }

    @Bean
    WorkerLifecycle.Parts workerParts(
            Intake intake,
            Delivery delivery,
            Publisher publisher,
            ChunkPublisher chunks,
            Circuits circuits,
            FleetLimits limits,
            StoredCompletions finished,
            StoredHandover handover,
            KeptAnswers answers,
            ModelDiscovery discovery) {
        return new WorkerLifecycle.Parts(
                intake, delivery, publisher, chunks, circuits, limits, finished, handover, answers,
                discovery);
    }
}

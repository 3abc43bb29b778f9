package dev.gantry.benchmark;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.event.OutboundRecord;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerName;
import dev.gantry.outbox.Publisher;
import dev.gantry.outbox.SpoolBounds;
import dev.gantry.outbox.SpoolSettings;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.DurableBroker;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The spool's figures, with records of 1 KiB that do not compress; broker and database are
 * processes of their own. Checks nothing.
 */
class SpoolBenchmark {
    private static final int RECORDS = Integer.getInteger("records", 100_000);
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final Duration LIVE = Duration.ofSeconds(5);

    /** Records of live traffic that may be under way. */
    private static final int WINDOW = 2_000;

    /**
     * Written while the broker is away, drained when it is back, and drained beside live traffic.
     */
    @Test
    void spool() throws Exception {
        try (DurableBroker broker = DurableBroker.start();
                DatabaseProcess database = DatabaseProcess.start();
                HikariDataSource pool = pool(database);
                Publisher publisher = publisher(broker, pool)) {
            System.out.printf(
                    "%-8s %10s %10s %12s %12s %8s %14s%n",
                    "round",
                    "written/s",
                    "drained/s",
                    "live alone/s",
                    "live beside",
                    "ratio",
                    "drain beside/s");
            for (int round = 0; round <= ROUNDS; round++) {
                double written = write(broker, publisher);
                double drained = drain(broker, publisher);
                write(broker, publisher);
                broker.startAgain();
                Await.until("back", () -> publisher.status().healthy());
                // A broker that has just started is slow to both.
                live(publisher);
                long before = publisher.spool().drained();
                double beside = live(publisher);
                double drainedBeside =
                        (double) (publisher.spool().drained() - before) / LIVE.toSeconds();
                awaitDrained(publisher);
                double alone = live(publisher);
                System.out.printf(
                        Locale.ROOT,
                        "%-8s %10.0f %10.0f %12.0f %12.0f %8.2f %14.0f%n",
                        round == 0 ? "warm-up" : round,
                        written,
                        drained,
                        alone,
                        beside,
                        beside / alone,
                        drainedBeside);
            }
        }
    }

    /** Stops the broker; records per second until all are safe in the database. */
    private static double write(DurableBroker broker, Publisher publisher) throws Exception {
        broker.kill();
        publisher.send(record(), () -> {});
        Await.until("down", () -> publisher.brokerDownSince().isPresent());
        List<OutboundRecord> records =
                Stream.generate(SpoolBenchmark::record).limit(RECORDS).toList();
        long started = System.nanoTime();
        records.forEach(each -> publisher.send(each, () -> {}));
        publisher.flush(Duration.ofMinutes(5));
        return RECORDS / seconds(started);
    }

    /** Starts the broker; records per second from the first hundredth to the last. */
    private static double drain(DurableBroker broker, Publisher publisher) throws Exception {
        long before = publisher.spool().drained();
        broker.startAgain();
        Await.until("draining", () -> publisher.spool().drained() - before > RECORDS / 100);
        long first = publisher.spool().drained();
        long started = System.nanoTime();
        awaitDrained(publisher);
        return (publisher.spool().drained() - first) / seconds(started);
    }

    private static void awaitDrained(Publisher publisher) throws Exception {
        Await.until("drained", () -> publisher.spool().drained() == publisher.spool().spooled());
    }

    /** Records per second through the producer alone, as many as it takes. */
    private static double live(Publisher publisher) throws InterruptedException {
        Semaphore window = new Semaphore(WINDOW);
        AtomicLong taken = new AtomicLong();
        OutboundRecord record = record();
        long started = System.nanoTime();
        while (System.nanoTime() - started < LIVE.toNanos()) {
            if (window.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                publisher.send(
                        record,
                        () -> {
                            taken.incrementAndGet();
                            window.release();
                        });
            }
        }
        return taken.get() / seconds(started);
    }

    private static double seconds(long startedNanos) {
        return (System.nanoTime() - startedNanos) / 1e9;
    }

    private static final Random RANDOM = new Random(1);

    private static OutboundRecord record() {
        byte[] value = new byte[1024];
        RANDOM.nextBytes(value);
        byte[] key = Long.toHexString(RANDOM.nextLong()).getBytes(StandardCharsets.UTF_8);
        return new OutboundRecord("results", key, List.of(new RecordHeader("ce_id", key)), value);
    }

    private static Publisher publisher(DurableBroker broker, HikariDataSource pool)
            throws Exception {
        String bootstrap = broker.bootstrapServers();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic("results", 6, (short) 1))).all().get();
        }
        SchemaName schema = new SchemaName("gantry");
        new FleetSchema(pool, schema).awaitMigrated();
        Map<String, Object> properties = new HashMap<>(Publisher.producerDefaults(2 << 20));
        properties.put("bootstrap.servers", bootstrap);
        properties.put("delivery.timeout.ms", 3000);
        properties.put("request.timeout.ms", 2000);
        Publisher publisher =
                new Publisher(
                        () ->
                                new KafkaProducer<>(
                                        properties,
                                        new ByteArraySerializer(),
                                        new ByteArraySerializer()),
                        new SpoolSettings(
                                pool,
                                schema,
                                WorkerName.of("bench"),
                                new SpoolBounds(Long.MAX_VALUE, DataSize.ofBytes(Long.MAX_VALUE))),
                        InstantSource.system());
        publisher.learn(List.of("results"));
        publisher.startSpooling();
        Await.until("spool", () -> publisher.spool().reachable());
        return publisher;
    }

    /** As application.yml sets it up. */
    private static HikariDataSource pool(DatabaseProcess database) {
        HikariDataSource pool = database.address().pool(8);
        pool.setConnectionTimeout(2000);
        pool.addDataSourceProperty("prepareThreshold", "0");
        return pool;
    }
}

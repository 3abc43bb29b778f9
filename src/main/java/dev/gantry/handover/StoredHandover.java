package dev.gantry.handover;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.fleet.WorkerName;
import dev.gantry.handover.GivenRequests.Due;
import dev.gantry.handover.GivenRequests.Lot;
import dev.gantry.inference.SourcePosition;

import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import javax.sql.DataSource;

/**
 * Handing over by a table. One thread makes all its statements, apart from those that somebody
 * waits for; while nothing is given or held it makes none.
 */
public final class StoredHandover implements Handover, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StoredHandover.class);

    /** A database that takes longer to take a hand-over is away. */
    private static final Duration GIVEN_WITHIN = Duration.ofSeconds(2);

    /** So that ends which come close together are told together. */
    private static final Duration BATCH = Duration.ofMillis(50);

    private static final long ROW_NANOS = Duration.ofNanos(50_000).toNanos();

    /** Also where notifications do not arrive, as behind some poolers. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration IDLE = Duration.ofMinutes(10);

    /** Who has not looked for so long after it was due has slept, and maybe all with it. */
    private static final long SLEPT_NANOS = Duration.ofSeconds(5).toNanos();

    private static final long OWN_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long DOUBT_NANOS = Duration.ofMinutes(1).toNanos();

    private final HandoverTable table;
    private final SchemaName schema;
    private final String worker;
    private final LongSupplier ticks;
    private final GivenRequests given = new GivenRequests();
    private final BackgroundLoop loop = BackgroundLoop.of("handover", this::pass);

    /** Watermarks of partitions in which something was held. */
    private final Map<TopicPartition, Long> passed = new ConcurrentHashMap<>();

    /** The highest offset that was found of each partition, until the watermark is beyond it. */
    private final Map<TopicPartition, Long> found = new ConcurrentHashMap<>();

    private volatile @Nullable HeldRequests held;

    /** Until then the table may come to hold rows of ours that nobody works on; ticks. */
    private volatile long doubtfulUntil;

    // Only the loop's thread uses what follows.

    /** Since when every look was made and answered; null: the last was not, or there was none. */
    private @Nullable Long answeringSince;

    private @Nullable Long sweptAt;
    private long lookedAt;

    /** Rows that the last look has read. */
    private int looked;

    private long ownAt;
    private boolean troubled;

    public StoredHandover(DataSource dataSource, SchemaName schema, WorkerName worker) {
        this(dataSource, schema, worker.id(), System::nanoTime);
    }

    /**
     * @param ticks monotonic nanoseconds
     */
    public StoredHandover(
            DataSource dataSource, SchemaName schema, String worker, LongSupplier ticks) {
        this.table = new HandoverTable(dataSource, schema);
        this.schema = schema;
        this.worker = worker;
        this.ticks = ticks;
        this.doubtfulUntil = ticks.getAsLong();
        this.ownAt = doubtfulUntil - OWN_NANOS;
    }

    /** Once; the table must exist. */
    public void start() {
        loop.start();
    }

    @Override
    public void serve(HeldRequests requests) {
        held = requests;
    }

    @Override
    public boolean give(Supplier<List<SourcePosition>> begun) {
        Lot lot = given.open(begun);
        if (lot.requests().isEmpty()) {
            return true;
        }
        CountDownLatch settled = new CountDownLatch(1);
        Thread.ofPlatform()
                .daemon()
                .name("hand-over")
                .start(
                        () -> {
                            write(lot);
                            settled.countDown();
                            loop.call();
                        });
        try {
            var _ = settled.await(GIVEN_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            // The container is being torn down.
            Thread.currentThread().interrupt();
        }
        return given.forsake(lot);
    }

    /**
     * Never while ends are told or strangers are taken back: what was said of a request before must
     * not take away the row that it gets now.
     */
    private synchronized void write(Lot lot) {
        try {
            table.give(lot.requests(), worker);
            if (given.written(lot)) {
                return;
            }
            log.atWarn().log("the hand-over was written too late: it is taken back");
        } catch (RuntimeException e) {
            given.failed(lot);
            log.atWarn()
                    .addKeyValue("error", SqlTrouble.sentence(e))
                    .log("nothing handed over: calls may finish within revoke-grace");
        }
        // A statement that was given up may yet be carried out.
        doubtfulUntil = ticks.getAsLong() + DOUBT_NANOS;
    }

    @Override
    public void ended(SourcePosition request) {
        given.ended(request);
        loop.call();
    }

    @Override
    public void givenUp(SourcePosition request) {
        given.givenUp(request);
        loop.call();
    }

    @Override
    public Map<TopicPartition, List<HandoverRow>> above(Map<TopicPartition, Long> watermarks) {
        Map<TopicPartition, List<HandoverRow>> rows = new HashMap<>();
        // Below lie rows of what ended just before its partition went: the first commit takes them.
        watermarks.forEach((partition, mark) -> found.merge(partition, mark - 1, Math::max));
        for (HandoverRow row : table.above(watermarks)) {
            TopicPartition partition = partition(row.request());
            rows.computeIfAbsent(partition, _ -> new ArrayList<>()).add(row);
            found.merge(partition, row.request().offset(), Math::max);
        }
        return rows;
    }

    private static TopicPartition partition(SourcePosition request) {
        return new TopicPartition(request.topic(), request.partition());
    }

    @Override
    public void passed(Map<TopicPartition, Long> watermarks) {
        Map<TopicPartition, Long> due = new HashMap<>(watermarks);
        due.keySet().retainAll(found.keySet());
        if (!due.isEmpty()) {
            passed.putAll(due);
            loop.call();
        }
    }

    @Override
    public void look() {
        loop.call();
    }

    /** Where the ends of others' requests are told, for whoever listens. */
    public String channel() {
        return HandoverTable.CHANNEL;
    }

    /** Something was told there. Must not block. */
    public void heard(String payload) {
        if (payload.equals(schema.value())) {
            loop.call();
        }
    }

    /** The loop's top: what could not be said or read is said or read at the next pass. */
    private Duration pass() throws InterruptedException {
        try {
            tell();
            Collection<SourcePosition> watched = watched();
            if (watched.isEmpty()) {
                answeringSince = null;
            } else if (!lookedJustNow()) {
                look(watched);
            }
            forget();
            takeBackStrangers();
            troubled = false;
            return idle() ? sweep() : LOOK;
        } catch (DataAccessException e) {
            answeringSince = null;
            if (!troubled) {
                troubled = true;
                log.atWarn()
                        .addKeyValue("error", SqlTrouble.sentence(e))
                        .log("hand-overs wait for the database");
            }
            return LOOK;
        }
    }

    private Collection<SourcePosition> watched() {
        HeldRequests requests = held;
        return requests == null ? List.of() : requests.heldElsewhere();
    }

    private boolean idle() {
        return given.isEmpty() && watched().isEmpty() && passed.isEmpty() && !doubtful();
    }

    private boolean doubtful() {
        return doubtfulUntil - ticks.getAsLong() > 0;
    }

    private void tell() throws InterruptedException {
        if (given.due().isEmpty()) {
            return;
        }
        TimeUnit.NANOSECONDS.sleep(BATCH.toNanos());
        tellDue();
        table.tell();
    }

    private synchronized void tellDue() {
        Due due = given.due();
        if (!due.done().isEmpty()) {
            table.done(due.done(), worker);
        }
        if (!due.givenUp().isEmpty()) {
            table.giveUp(due.givenUp(), worker);
        }
        given.told(due);
    }

    /**
     * A look reads a row for each request that is held, and what is done above: the more, the less
     * often.
     */
    private boolean lookedJustNow() {
        return answeringSince != null && ticks.getAsLong() - lookedAt < looked * ROW_NANOS;
    }

    private void look(Collection<SourcePosition> watched) {
        long now = ticks.getAsLong();
        if (now - lookedAt - looked * ROW_NANOS > SLEPT_NANOS) {
            answeringSince = null;
        }
        lookedAt = now;
        Map<TopicPartition, Long> from = new HashMap<>();
        watched.forEach(each -> from.merge(partition(each), each.offset(), Math::min));
        List<HandoverRow> rows = table.above(from);
        looked = rows.size();
        if (rows.stream().anyMatch(row -> row.silent() && !row.done()) && !table.hears()) {
            answeringSince = null; // it answers, and takes no heartbeats
        } else if (answeringSince == null) {
            answeringSince = now;
        }
        // After an outage of the database, or a pause of a whole machine, everybody seems dead
        // until
        // they have said that they live.
        boolean trusted =
                answeringSince != null
                        && now - answeringSince >= HandoverTable.DEAD_AFTER.toNanos();
        HandoverFindings findings = HandoverFindings.of(watched, rows, worker, trusted);
        HeldRequests holder = requireNonNull(held, "whose requests are looked for");
        findings.done().forEach(holder::done);
        findings.released().forEach(holder::released);
        findings.orphaned().stream()
                .collect(groupingBy(HandoverRow::worker, mapping(HandoverRow::request, toList())))
                .forEach((dead, requests) -> takeFromTheDead(dead, requests, holder));
    }

    /** Only what could be taken away is ours: it may have been done in this very moment. */
    private void takeFromTheDead(String dead, List<SourcePosition> requests, HeldRequests holder) {
        List<SourcePosition> taken = table.giveUp(requests, dead);
        log.atWarn()
                .addKeyValue("worker", dead)
                .addKeyValue("requests", taken.size())
                .log("a worker died with requests handed over: they are begun anew");
        taken.forEach(holder::released);
    }

    private void forget() {
        Map<TopicPartition, Long> due = new HashMap<>(passed);
        if (due.isEmpty()) {
            return;
        }
        table.forget(due);
        due.forEach(passed::remove);
        found.entrySet()
                .removeIf(
                        each -> each.getValue() < due.getOrDefault(each.getKey(), Long.MIN_VALUE));
    }

    /** Rows of this worker that nobody works on: a statement took effect that was given up. */
    private synchronized void takeBackStrangers() {
        long now = ticks.getAsLong();
        if (now - ownAt < OWN_NANOS || idle()) {
            return;
        }
        ownAt = now;
        List<SourcePosition> strangers = given.strangers(table.own(worker));
        if (!strangers.isEmpty()) {
            table.giveUp(strangers, worker);
        }
    }

    private Duration sweep() {
        long now = ticks.getAsLong();
        if (sweptAt == null || now - sweptAt >= IDLE.toNanos()) {
            table.sweep();
            sweptAt = now;
        }
        return IDLE;
    }

    /**
     * Tells what is still to be told; what has not ended is given up. Without a database the rows
     * stay, and are taken from this worker once it is dead.
     */
    @Override
    public void close() {
        given.giveUpAll();
        loop.closeAfterAPass();
    }
}

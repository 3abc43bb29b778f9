package dev.gantry.cli;

import dev.gantry.cli.Census.Proof;
import dev.gantry.cli.Harvest.Strangers;
import dev.gantry.cli.Session.BrokerRefused;
import dev.gantry.cli.Verdict.Broken;
import dev.gantry.cli.Verdict.Complete;
import dev.gantry.cli.Verdict.Interrupted;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A batch submitted earlier, gathered: first the requests topic says who is in it, then the other
 * who answered.
 */
final class Collection {
    // The id's time is the submitter's clock, a record's that of its producer.
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    // A submission that is still under way sends more often than that.
    private static final Duration SENDING = Duration.ofSeconds(5);

    private final Session session;
    private final BatchId batch;
    private final BatchOptions options;
    private final Census census;
    private final ResultFiles files;
    private final Tally tally = new Tally();
    private Harvest harvest;
    private Instant lastRequest;

    Collection(
            Session session,
            BatchId batch,
            BatchOptions options,
            List<Receipt> receipts,
            ResultFiles files) {
        this.session = session;
        this.batch = batch;
        this.options = options;
        this.census = new Census(batch, receipts);
        this.files = files;
        this.harvest = harvest();
        this.lastRequest = session.clock().instant();
    }

    ExitCode run() throws IOException, BrokerRefused {
        Optional<BatchFeed> feed = session.openFeed(this::openFeed);
        Verdict verdict = new Interrupted();
        if (feed.isPresent()) {
            try (BatchFeed records = feed.get()) {
                verdict = gather(records);
            } catch (KafkaException e) {
                verdict = new Broken("the broker refuses: " + BrokerWatch.message(e));
            }
        }
        if (verdict instanceof Complete && harvest.size() == 0 && census.missing() == 0) {
            session.terminal().note("collect: " + unknownBatch());
            return ExitCode.USAGE;
        }
        return conclude(verdict);
    }

    private ExitCode conclude(Verdict verdict) throws IOException {
        Terminal terminal = session.terminal();
        if (verdict instanceof Complete) {
            files.complete();
        }
        sayWhatIsClaimed();
        var ids =
                new Summary.Ids(
                        census.proof(),
                        census.doubles(),
                        census.others() + harvest.others(),
                        census.missing());
        Summary summary =
                Summary.of(
                        harvest,
                        batch,
                        new Summary.Files(options.paths(), null),
                        ids,
                        verdict.resume(batch, options));
        ExitCode code = verdict.conclude(terminal, summary, options.report());
        if (files.leftOld()) {
            terminal.note(
                    "not all results are here: the files of an earlier run were left as they were");
        }
        return code;
    }

    private void sayWhatIsClaimed() {
        Terminal terminal = session.terminal();
        if (census.proof() == Proof.CLAIM && harvest.size() > 0) {
            terminal.note(
                    "ids are claimed: no receipt and no mark of submit, so whoever wrote batch %s is in it"
                            .formatted(batch));
        } else if (census.others() > 0) {
            terminal.note(
                    String.format(
                            Locale.ROOT,
                            "ids are claimed: %,d requests of batch %s are not submit's; left out",
                            census.others(),
                            batch));
        }
        String counts = census.proof() == Proof.CLAIM ? "the first sent" : "submit's own";
        for (String customId : census.doubled()) {
            terminal.note(
                    "custom_id %s was sent more than once; the answer to %s counts"
                            .formatted(Visible.quoted(customId), counts));
        }
    }

    private BatchFeed openFeed(Consumer<byte[], byte[]> consumer) {
        BrokerAccess broker = session.broker();
        Optional<Instant> start =
                batch.submittedAt(session.clock().instant()).map(time -> time.minus(CLOCK_SKEW));
        return BatchFeed.since(
                start, consumer, List.of(broker.requests(), broker.results()), session.clock());
    }

    private Verdict gather(BatchFeed feed) throws IOException {
        String requests = session.broker().requests();
        String results = session.broker().results();
        feed.hold(results);
        while (!session.stopped() && !feed.caughtUp(requests)) {
            take(feed);
            session.showReading(census.roll().expected());
        }
        census.settle();
        harvest = harvest();
        feed.release(results);
        while (!session.stopped()) {
            take(feed);
            takeUnnamed();
            session.show(harvest.standing(harvest.size()));
            // Asked twice: requests may have been sent since the collecting began.
            if (harvest.roll().pending() == 0
                    && !stillSending()
                    && feed.caughtUp()
                    && feed.stillCaughtUp()) {
                return new Complete();
            }
        }
        return new Interrupted();
    }

    private Harvest harvest() {
        boolean known = census.proof() != Proof.CLAIM && census.missing() == 0;
        return new Harvest(
                batch,
                session.broker().requests(),
                census.roll(),
                known ? Strangers.LEAVE : Strangers.TAKE,
                files,
                tally);
    }

    /** Some are missing, but others have come a moment ago. */
    private boolean stillSending() {
        Instant now = session.clock().instant();
        return census.missing() > 0 && now.isBefore(lastRequest.plus(SENDING));
    }

    private void take(BatchFeed feed) throws IOException {
        for (ConsumerRecord<byte[], byte[]> record : feed.poll()) {
            if (take(record)) {
                tally.happened(Instant.ofEpochMilli(record.timestamp()));
            }
        }
        harvest.flush();
    }

    private void takeUnnamed() throws IOException {
        Roll.Place place = census.pollUnnamed();
        while (place != null) {
            harvest.takeUnnamed(place);
            place = census.pollUnnamed();
        }
    }

    private boolean take(ConsumerRecord<byte[], byte[]> record) throws IOException {
        if (!record.topic().equals(session.broker().requests())) {
            return harvest.takeResult(record);
        }
        boolean ours = census.take(record);
        if (ours) {
            lastRequest = session.clock().instant();
        }
        return ours;
    }

    private String unknownBatch() {
        return "no request and no result of batch %s in the topics %s and %s"
                .formatted(batch, session.broker().requests(), session.broker().results());
    }
}

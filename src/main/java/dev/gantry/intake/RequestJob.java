package dev.gantry.intake;

import static java.util.Objects.requireNonNull;

import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourceRecord;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.position.UnreadableRecord;
import dev.gantry.memory.Exhaustion;
import dev.gantry.request.DecodedRecord;
import dev.gantry.request.ReplyAddress;
import dev.gantry.request.RequestDecoder;
import dev.gantry.request.RequestIdentity;
import dev.gantry.reread.RecordGone;
import dev.gantry.reread.RecordReader;
import dev.gantry.worker.RequestHandler;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/** One record's whole work: decode, hand on, and take up again what had to wait. */
final class RequestJob implements Dispatcher.Work {
    private static final Logger log = LoggerFactory.getLogger(RequestJob.class);
    private static final String INTERNAL_ERROR = "internal error";

    private final RequestDecoder decoder;
    private final RequestHandler handler;
    private final RecordReader records;
    private final Parking parking;

    /** Where a record goes whose request has to wait. */
    interface Parking {
        /** Whether what waits is to leave its body on the broker. */
        boolean lean();

        void park(InFlightRecord inFlight, SuspendedRun run);
    }

    RequestJob(
            RequestDecoder decoder, RequestHandler handler, RecordReader records, Parking parking) {
        this.decoder = decoder;
        this.handler = handler;
        this.records = records;
        this.parking = parking;
    }

    @Override
    public void begin(InFlightRecord inFlight) {
        try {
            ConsumerRecord<byte[], byte[]> record = inFlight.record();
            work(inFlight, record == null ? fetch(inFlight) : record);
        } catch (RecordGone gone) {
            handler.reject(nameless(inFlight, "the record: " + gone.getMessage()), inFlight);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            inFlight.abandoned();
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            log.atError().addKeyValue("record", inFlight).setCause(bug).log("request not worked");
            setAside(inFlight, inFlight.record());
        }
    }

    /** The wait is over; the record is read again if it was left on the broker. */
    @Override
    public void resume(InFlightRecord inFlight, SuspendedRun run) {
        try {
            InferenceRequest kept = run.request();
            run.resume(kept == null ? readAgain(inFlight, identity(inFlight)) : kept)
                    .ifPresent(again -> park(inFlight, again));
        } catch (RecordGone gone) {
            run.leave();
            handler.reject(
                    identity(inFlight).rejection("the waiting record: " + gone.getMessage()),
                    inFlight);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            run.leave();
            inFlight.abandoned();
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            log.atError().addKeyValue("record", inFlight).setCause(bug).log("request not resumed");
            run.leave();
            setAside(inFlight, inFlight.record());
        }
    }

    private void work(InFlightRecord inFlight, ConsumerRecord<byte[], byte[]> record)
            throws InterruptedException {
        if (record instanceof UnreadableRecord unreadable) {
            handler.reject(unreadable.rejection(), inFlight);
            return;
        }
        switch (decode(inFlight, record)) {
            case DecodedRecord.Valid(var request) -> work(inFlight, record, request);
            case DecodedRecord.Invalid invalid -> reject(inFlight, record, invalid);
        }
    }

    private void work(
            InFlightRecord inFlight,
            ConsumerRecord<byte[], byte[]> record,
            InferenceRequest request)
            throws InterruptedException {
        String objection = handler.objection(request);
        if (objection != null) {
            reject(inFlight, record, ReplyAddress.of(record).invalid(objection));
            return;
        }
        inFlight.identified(request);
        handler.work(request, inFlight.handle(), inFlight).ifPresent(run -> park(inFlight, run));
    }

    private void reject(
            InFlightRecord inFlight,
            ConsumerRecord<byte[], byte[]> record,
            DecodedRecord.Invalid invalid) {
        handler.reject(
                new Rejection(
                        RequestDecoder.source(record),
                        FailureCode.INVALID_REQUEST,
                        invalid.message(),
                        invalid.customId(),
                        invalid.batchId()),
                inFlight);
    }

    private void park(InFlightRecord inFlight, SuspendedRun run) {
        if (parking.lean()) {
            run.dropBody();
        }
        parking.park(inFlight, run);
    }

    private static RequestIdentity identity(InFlightRecord inFlight) {
        return requireNonNull(inFlight.identity(), "a request that waits was decoded");
    }

    /** A partition that is taken away meanwhile wants nothing of it any more. */
    private InferenceRequest readAgain(InFlightRecord inFlight, RequestIdentity identity)
            throws InterruptedException, RecordGone {
        return switch (decoder.decode(fetch(inFlight))) {
            case DecodedRecord.Valid(var request) when identity.isOf(request) ->
                    identity.restore(request);
            case DecodedRecord.Valid _, DecodedRecord.Invalid _ ->
                    throw RecordGone.replaced(identity.source());
        };
    }

    /** The record itself, which was left on the broker. */
    private ConsumerRecord<byte[], byte[]> fetch(InFlightRecord inFlight)
            throws InterruptedException, RecordGone {
        Thread self = Thread.currentThread();
        ConsumerRecord<byte[], byte[]> record;
        try (var _ = inFlight.handle().cancellation().onCancel(self::interrupt)) {
            record = records.read(inFlight.partition().partition(), inFlight.offset());
        }
        if (record.timestamp() != inFlight.timestamp()) {
            throw RecordGone.replaced(inFlight.source());
        }
        inFlight.partition().open().refill(inFlight, record);
        return record;
    }

    /**
     * A bug of ours, or no memory left. Kept, the record would hold its partition's watermark for
     * ever and run again after every restart; so it ends like one that cannot be used.
     */
    private void setAside(
            InFlightRecord inFlight, @Nullable ConsumerRecord<byte[], byte[]> record) {
        try {
            RequestIdentity known = inFlight.identity();
            Rejection rejection;
            if (record != null) {
                rejection = rejection(record, ReplyAddress.of(record));
            } else if (known != null) {
                rejection = known.rejection(INTERNAL_ERROR);
            } else {
                rejection = nameless(inFlight, INTERNAL_ERROR);
            }
            handler.reject(rejection, inFlight);
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            log.atError().addKeyValue("record", inFlight).setCause(bug).log("record not set aside");
            inFlight.abandoned();
        }
    }

    /** Of a record that was never read. */
    private static Rejection nameless(InFlightRecord inFlight, String message) {
        return new Rejection(
                new SourceRecord(inFlight.source(), null, null, List.of()),
                FailureCode.INTERNAL_ERROR,
                message,
                null,
                null);
    }

    private static Rejection rejection(ConsumerRecord<byte[], byte[]> record, ReplyAddress sender) {
        return new Rejection(
                RequestDecoder.source(record),
                FailureCode.INTERNAL_ERROR,
                INTERNAL_ERROR,
                sender.customId(),
                sender.batchId());
    }

    private DecodedRecord decode(InFlightRecord inFlight, ConsumerRecord<byte[], byte[]> record) {
        try {
            return decoder.decode(record);
        } catch (RuntimeException e) {
            // A bug of ours: the record is set aside as unreadable, so that its partition moves on.
            log.atError().addKeyValue("record", inFlight).setCause(e).log("record not decoded");
            return ReplyAddress.of(record).invalid("value: cannot be read: internal error");
        }
    }
}

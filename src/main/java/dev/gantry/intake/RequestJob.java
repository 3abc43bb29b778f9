package dev.gantry.intake;

import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourceRecord;
import dev.gantry.intake.InFlightRecord.Waiting;
import dev.gantry.memory.Exhaustion;
import dev.gantry.request.DecodedRecord;
import dev.gantry.request.ReplyAddress;
import dev.gantry.request.RequestDecoder;
import dev.gantry.reread.RecordGone;
import dev.gantry.reread.RecordReader;
import dev.gantry.worker.Parked;
import dev.gantry.worker.RequestHandler;
import dev.gantry.worker.Stage;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;

/** One ticket's whole work: decode, hand on, and take up again what had to wait. */
final class RequestJob implements Dispatcher.Work {
    private static final Logger log = LoggerFactory.getLogger(RequestJob.class);

    private final RequestDecoder decoder;
    private final RequestHandler handler;
    private final RecordReader records;
    private final Parking parking;

    /** Where a ticket goes whose request has to wait. */
    interface Parking {
        /** Whether what waits is to leave its body on the broker. */
        boolean lean();

        void park(InFlightRecord inFlight, Waiting waiting);
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
        ConsumerRecord<byte[], byte[]> record = inFlight.record();
        if (record == null) {
            throw new IllegalStateException(inFlight + " begins without its record");
        }
        var once = new RecordCompletion(inFlight);
        try {
            work(inFlight, record, once);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            once.abandoned();
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            log.atError().addKeyValue("record", inFlight).setCause(bug).log("request not worked");
            setAside(inFlight, record, once);
        }
    }

    /** The wait is over; the record is read again if it was left on the broker. */
    @Override
    public void resume(InFlightRecord inFlight, Waiting waiting) {
        RecordCompletion once = waiting.completion();
        ConsumerRecord<byte[], byte[]> record = null;
        try {
            InferenceRequest request = waiting.request();
            if (request == null) {
                record = readAgain(inFlight);
                request = decodedAgain(record, waiting.identity());
            }
            Stage stage = handler.resume(request, waiting.parked(), inFlight.flight(), once);
            settle(inFlight, request, stage, once);
        } catch (RecordGone gone) {
            waiting.parked().leave();
            handler.reject(
                    waiting.identity().rejection("the waiting record: " + gone.getMessage()), once);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            waiting.parked().leave();
            once.abandoned();
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            log.atError().addKeyValue("record", inFlight).setCause(bug).log("request not resumed");
            waiting.parked().leave();
            setAside(inFlight, waiting, record, once);
        }
    }

    private void work(
            InFlightRecord inFlight, ConsumerRecord<byte[], byte[]> record, RecordCompletion once)
            throws InterruptedException {
        if (record instanceof UnreadableRecord unreadable) {
            handler.reject(unreadable.rejection(), once);
            return;
        }
        switch (decode(inFlight, record)) {
            case DecodedRecord.Valid(var request) -> {
                inFlight.flight().identified(request.id());
                settle(inFlight, request, handler.work(request, inFlight.flight(), once), once);
            }
            case DecodedRecord.Invalid(var message, var customId, var batchId) ->
                    handler.reject(
                            new Rejection(
                                    source(record),
                                    FailureCode.INVALID_REQUEST,
                                    message,
                                    customId,
                                    batchId),
                            once);
        }
    }

    private void settle(
            InFlightRecord inFlight, InferenceRequest request, Stage stage, RecordCompletion once) {
        switch (stage) {
            case Stage.Done _ -> {}
            case Parked parked -> {
                InferenceRequest kept = parking.lean() ? null : request;
                parking.park(
                        inFlight, new Waiting(parked, RequestIdentity.of(request), kept, once));
            }
        }
    }

    /** A partition that is taken away meanwhile wants nothing of it any more. */
    private ConsumerRecord<byte[], byte[]> readAgain(InFlightRecord inFlight)
            throws InterruptedException, RecordGone {
        Thread self = Thread.currentThread();
        try (var _ = inFlight.flight().cancellation().onCancel(self::interrupt)) {
            ConsumerRecord<byte[], byte[]> record =
                    records.read(inFlight.partition().partition(), inFlight.offset());
            inFlight.partition().reread(inFlight, record);
            return record;
        }
    }

    private InferenceRequest decodedAgain(
            ConsumerRecord<byte[], byte[]> record, RequestIdentity identity) throws RecordGone {
        return switch (decoder.decode(record)) {
            case DecodedRecord.Valid(var request) when identity.isOf(request) ->
                    identity.restore(request);
            case DecodedRecord.Valid _, DecodedRecord.Invalid _ ->
                    throw RecordGone.replaced(identity.source());
        };
    }

    /**
     * A bug of ours, or no memory left. Kept, the record would hold its partition's watermark for
     * ever and run again after every restart; so it ends like one that cannot be used.
     */
    private void setAside(
            InFlightRecord inFlight, ConsumerRecord<byte[], byte[]> record, RecordCompletion once) {
        try {
            ReplyAddress sender = ReplyAddress.of(record);
            handler.reject(
                    new Rejection(
                            source(record),
                            FailureCode.INTERNAL_ERROR,
                            "internal error",
                            sender.customId(),
                            sender.batchId()),
                    once);
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            notSetAside(inFlight, bug, once);
        }
    }

    /** With whatever is at hand of the record: the sender gets an answer in any case. */
    private void setAside(
            InFlightRecord inFlight,
            Waiting waiting,
            @Nullable ConsumerRecord<byte[], byte[]> record,
            RecordCompletion once) {
        ConsumerRecord<byte[], byte[]> held = record != null ? record : inFlight.record();
        if (held != null) {
            setAside(inFlight, held, once);
            return;
        }
        try {
            handler.reject(waiting.identity().rejection("internal error"), once);
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            notSetAside(inFlight, bug, once);
        }
    }

    private static void notSetAside(InFlightRecord inFlight, Throwable bug, RecordCompletion once) {
        log.atError().addKeyValue("record", inFlight).setCause(bug).log("record not set aside");
        once.abandoned();
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

    private static SourceRecord source(ConsumerRecord<byte[], byte[]> record) {
        List<SourceRecord.Header> headers = new ArrayList<>();
        record.headers()
                .forEach(
                        header ->
                                headers.add(new SourceRecord.Header(header.key(), header.value())));
        return new SourceRecord(
                RequestDecoder.position(record), record.key(), record.value(), headers);
    }
}

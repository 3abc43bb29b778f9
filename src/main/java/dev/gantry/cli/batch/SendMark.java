package dev.gantry.cli.batch;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What all records of one run of submit carry, the batch's first one included: it tells them from
 * those of others who use the same batch id, and how many there are to be.
 *
 * @param run 26 characters of 0-9 a-v, 130 random bits
 * @param requests how many the run set out to send
 */
record SendMark(String run, long requests) {
    static final String HEADER = "gantry-submission";

    private static final int LENGTH = 26;
    private static final int BASE = 32;
    private static final Pattern FORM = Pattern.compile("([0-9a-v]{26})/(\\d{1,18})");

    static SendMark make(long requests, RandomGenerator random) {
        var run = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            run.append(Character.forDigit(random.nextInt(BASE), BASE));
        }
        return new SendMark(run.toString(), requests);
    }

    /** Null for a record that submit did not send, or an older one did. */
    static @Nullable SendMark of(ConsumerRecord<?, ?> request) {
        Header header = request.headers().lastHeader(HEADER);
        if (header == null || header.value() == null) {
            return null;
        }
        Matcher form = FORM.matcher(new String(header.value(), StandardCharsets.US_ASCII));
        return form.matches() ? new SendMark(form.group(1), Long.parseLong(form.group(2))) : null;
    }

    byte[] header() {
        return (run + "/" + requests).getBytes(StandardCharsets.US_ASCII);
    }
}

package dev.gantry.cli.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.batch.SentPositions.Run;
import dev.gantry.cli.result.BatchId;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;

class SentPositionsTest {
    @TempDir Path folder;

    @Test
    void holdsWhatWasAddedInWhateverOrder() {
        for (long seed = 0; seed < 100; seed++) {
            var random = new Random(seed);
            Set<Long> offsets = new HashSet<>();
            for (int i = 0; i < 60; i++) {
                offsets.add((long) random.nextInt(100));
            }
            List<Long> order = new ArrayList<>(offsets);
            Collections.shuffle(order, random);
            var sentPositions = new SentPositions();

            order.forEach(offset -> sentPositions.add(2, offset));

            assertThat(LongStream.range(0, 110).filter(at -> sentPositions.contains(2, at)).boxed())
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(offsets);
            assertThat(sentPositions.count()).isEqualTo(offsets.size());
            assertThat(sentPositions.contains(1, order.getFirst())).isFalse();
        }
    }

    @Test
    void millionsInARowAreOneRun() {
        var sentPositions = new SentPositions();

        LongStream.range(7, 2_000_007).forEach(offset -> sentPositions.add(0, offset));

        assertThat(sentPositions.runs().get(0)).containsExactly(new Run(7, 2_000_006));
    }

    @Test
    void aReceiptIsReadAsItWasWritten() throws IOException {
        var sentPositions = new SentPositions();
        sentPositions.add(0, new Run(5, 9));
        sentPositions.add(0, 12);
        sentPositions.add(11, 3);
        var mark = SendMark.make(9, new Random(1));
        var batch = new BatchId("b:1");

        Path file = new Receipt(batch, mark, "requests", sentPositions, true).writeTo(folder);
        new Receipt(new BatchId("b"), mark, "requests", sentPositions, true).writeTo(folder);
        List<Receipt> found = Receipt.find(folder, batch);

        assertThat(Files.readString(file))
                .isEqualTo(
                        "{\"batch_id\":\"b:1\",\"submission\":\"%s\",\"requests\":9,"
                                        .formatted(mark.run())
                                + "\"topic\":\"requests\",\"complete\":true,"
                                + "\"positions\":{\"0\":[[5,9],[12,12]],\"11\":[[3,3]]}}\n");
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().sentPositions().runs()).isEqualTo(sentPositions.runs());
        assertThat(found.getFirst().requests()).isEqualTo(7);
        assertThat(found.getFirst().mark()).isEqualTo(mark);
    }
}

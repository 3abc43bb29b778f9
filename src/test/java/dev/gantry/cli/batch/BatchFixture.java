package dev.gantry.cli.batch;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** A broker with topics of a test's own, and where the files of its batch are. */
@Timeout(120)
abstract class BatchFixture {
    @TempDir Path folder;
    Path batch;
    Path out;
    Path errors;
    BrokerAccess broker;

    @BeforeEach
    final void makeTopicsAndNameFiles() throws InterruptedException {
        broker = CommandRun.broker();
        batch = folder.resolve("batch.jsonl");
        out = folder.resolve("out.jsonl");
        errors = folder.resolve("err.jsonl");
    }
}

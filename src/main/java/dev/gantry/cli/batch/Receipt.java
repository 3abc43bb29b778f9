package dev.gantry.cli.batch;

import dev.gantry.cli.batch.SentPositions.Run;
import dev.gantry.cli.result.BatchId;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where the requests of one run of submit stand, kept in a small file beside the results: nobody
 * who uses the same ids can take their places.
 *
 * @param topic the requests topic
 * @param complete whether all that was sent is in it; until then the run's mark tells as well
 */
record Receipt(
        BatchId batch, SendMark mark, String topic, SentPositions sentPositions, boolean complete) {
    private static final String ENDING = ".receipt.json";
    private static final int SHORT_RUN = 6;

    /** What a receipt is named, so that runs with one batch id do not share it. */
    String fileName() {
        return batch.value() + "." + mark.run().substring(0, SHORT_RUN) + ENDING;
    }

    /** Puts it into the folder, in the place of an earlier state. */
    Path writeTo(Path folder) throws IOException {
        Path file = folder.resolve(fileName());
        Path fresh = folder.resolve(fileName() + ".part");
        Files.writeString(fresh, json() + "\n", StandardCharsets.UTF_8);
        return Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private String json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("batch_id", batch.value())
                .put("submission", mark.run())
                .put("requests", mark.requests())
                .put("topic", topic)
                .put("complete", complete);
        ObjectNode partitions = root.putObject("positions");
        sentPositions
                .runs()
                .forEach(
                        (partition, runs) -> {
                            ArrayNode list = partitions.putArray(Integer.toString(partition));
                            runs.forEach(run -> list.addArray().add(run.first()).add(run.last()));
                        });
        return root.toString();
    }

    /**
     * The batch's receipts in a folder.
     *
     * @throws IOException also if one of them is damaged: without it others could be believed
     */
    static List<Receipt> find(Path folder, BatchId batch) throws IOException {
        List<Receipt> receipts = new ArrayList<>();
        DirectoryStream.Filter<Path> named =
                file -> {
                    String name = String.valueOf(file.getFileName());
                    return name.startsWith(batch.value() + ".") && name.endsWith(ENDING);
                };
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, named)) {
            for (Path file : files) {
                Receipt receipt = read(file);
                if (receipt.batch().equals(batch)) {
                    receipts.add(receipt);
                }
            }
        } catch (NotDirectoryException _) {
            return List.of();
        }
        return receipts;
    }

    /**
     * Reads one.
     *
     * @throws IOException if it cannot be read, or is no receipt
     */
    static Receipt read(Path file) throws IOException {
        try {
            JsonNode root = JsonMapper.shared().readTree(Files.readAllBytes(file));
            var sentPositions = new SentPositions();
            for (Map.Entry<String, JsonNode> each : root.required("positions").properties()) {
                for (JsonNode run : each.getValue()) {
                    sentPositions.add(
                            Integer.parseInt(each.getKey()),
                            new Run(run.required(0).asLong(), run.required(1).asLong()));
                }
            }
            return new Receipt(
                    new BatchId(root.required("batch_id").asString()),
                    new SendMark(
                            root.required("submission").asString(),
                            root.required("requests").asLong()),
                    root.required("topic").asString(),
                    sentPositions,
                    root.required("complete").asBoolean());
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IOException("%s is no receipt of submit: %s".formatted(file, e.getMessage()));
        }
    }

    boolean holds(ConsumerRecord<?, ?> request) {
        if (!topic.equals(request.topic())) {
            return false;
        }
        if (sentPositions.contains(request.partition(), request.offset())) {
            return true;
        }
        SendMark other = complete ? null : SendMark.of(request);
        return other != null && other.run().equals(mark.run());
    }

    /** How many requests it stands for. */
    long requests() {
        return complete ? sentPositions.count() : mark.requests();
    }
}

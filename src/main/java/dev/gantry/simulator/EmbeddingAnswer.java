package dev.gantry.simulator;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.SplittableRandom;

/**
 * The body of a good embeddings answer: small vectors of length one, the same for the same request.
 */
record EmbeddingAnswer(Question question, String model, BilledTokens tokens) implements GoodAnswer {
    @Override
    public String beforeText() {
        return "{\"object\":\"list\",\"data\":[],\"padding\":\"";
    }

    @Override
    public String text() {
        return "";
    }

    @Override
    public String afterText() {
        return "\",\"model\":" + ApiError.quoted(model) + "}";
    }

    @Override
    public String whole() {
        StringBuilder json = new StringBuilder(64 + question.inputs() * question.dimensions() * 14);
        json.append("{\"object\":\"list\",\"data\":[");
        for (int i = 0; i < question.inputs(); i++) {
            json.append(i == 0 ? "" : ",").append("{\"object\":\"embedding\",\"index\":").append(i);
            json.append(",\"embedding\":");
            append(json, vector(i));
            json.append('}');
        }
        json.append("],\"model\":").append(ApiError.quoted(model));
        json.append(",\"usage\":{\"prompt_tokens\":").append(tokens.input());
        return json.append(",\"total_tokens\":").append(tokens.input()).append("}}").toString();
    }

    private void append(StringBuilder json, float[] vector) {
        if (question.form() == Question.Form.EMBEDDING_BASE64) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(vector);
            json.append('"').append(Base64.getEncoder().encodeToString(bytes.array())).append('"');
            return;
        }
        json.append('[');
        for (int i = 0; i < vector.length; i++) {
            json.append(i == 0 ? "" : ",").append(vector[i]);
        }
        json.append(']');
    }

    private float[] vector(int index) {
        SplittableRandom random = new SplittableRandom(question.fingerprint() + index);
        double[] values = random.doubles(question.dimensions(), -1, 1).toArray();
        double length = 0;
        for (double value : values) {
            length += value * value;
        }
        float[] vector = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            vector[i] = (float) (values[i] / Math.sqrt(length));
        }
        return vector;
    }
}

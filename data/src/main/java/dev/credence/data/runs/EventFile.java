package dev.credence.data.runs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Metrics as an event file that TensorBoard reads: records of a length, its checksum, the bytes of one protocol-buffer
 * message, their checksum.
 *
 * <p>Written here because the only Java library that writes such files brings the whole of TensorFlow's native code along.
 */
public final class EventFile implements MetricSink {
    private static final int MASK = 0xa282ead8; // added to a rotated checksum, as the format asks for
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final OutputStream out;
    private final InstantSource clock;

    private EventFile(OutputStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    /**
     * Begins a new file.
     *
     * @param folder made if it is not there
     * @param clock the file's name and each event carry its time
     * @return to be closed
     * @throws IOException if the file cannot be written
     */
    public static EventFile in(Path folder, InstantSource clock) throws IOException {
        Files.createDirectories(folder);
        String name = String.format("events.out.tfevents.%d.credence", clock.millis());
        EventFile file = new EventFile(Files.newOutputStream(folder.resolve(name)), clock);
        file.record(file.event(0, 3, "brain.Event:2".getBytes(StandardCharsets.UTF_8)));
        return file;
    }

    @Override
    public void log(Metrics.Point point) throws IOException {
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        for (Map.Entry<String, Double> value : point.values().entrySet()) {
            ByteArrayOutputStream one = new ByteArrayOutputStream();
            bytes(one, 1, value.getKey().getBytes(StandardCharsets.UTF_8));
            key(one, 2, FIXED32);
            one.writeBytes(
                    little(Float.BYTES).putFloat(value.getValue().floatValue()).array());
            bytes(summary, 1, one.toByteArray());
        }
        record(event(point.step(), 5, summary.toByteArray()));
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** A message of wall time (1), step (2), and what happened. */
    private byte[] event(long step, int field, byte[] what) {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        key(event, 1, FIXED64);
        event.writeBytes(little(Double.BYTES).putDouble(clock.millis() / 1000.0).array());
        key(event, 2, VARINT);
        varint(event, step);
        bytes(event, field, what);
        return event.toByteArray();
    }

    private void record(byte[] data) throws IOException {
        byte[] length = little(Long.BYTES).putLong(data.length).array();
        byte[] record = new byte[length.length + data.length + 2 * Integer.BYTES];
        ByteBuffer parts = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        parts.put(length).putInt(masked(length)).put(data).putInt(masked(data));
        out.write(record);
        out.flush();
    }

    /** The checksum of a record's part as the format stores it. */
    static int masked(byte[] data) {
        CRC32C checksum = new CRC32C();
        checksum.update(data);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK;
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] data) {
        key(out, field, BYTES);
        varint(out, data.length);
        out.writeBytes(data);
    }

    private static void key(ByteArrayOutputStream out, int field, int type) {
        varint(out, ((long) field << 3) | type);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long left = value;
        while ((left & ~0x7FL) != 0) {
            out.write((int) ((left & 0x7F) | 0x80));
            left >>>= 7;
        }
        out.write((int) left);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Holds jars of others against the SHA-256 that is pinned for each, and ends with 1 where one differs or none is pinned.
 * <pre>
 * java Checksums.java PINS FOLDER           # checks
 * java Checksums.java --write PINS FOLDER   # adds what is not pinned yet; a pin that differs stays, and is told
 * </pre>
 * PINS has lines as {@code sha256sum} writes them. Credence's own jars are passed over.
 */
final class Checksums {
    private Checksums() {}

    public static void main(String[] arguments) throws IOException, NoSuchAlgorithmException {
        List<String> given = new ArrayList<>(List.of(arguments));
        boolean writes = given.remove("--write");
        if (given.size() != 2) {
            System.err.println("usage: java Checksums.java [--write] PINS FOLDER");
            System.exit(2);
        }
        Path pins = Path.of(given.get(0));
        Map<String, String> pinned = pinned(pins);
        List<String> wrong = new ArrayList<>();
        int checked = 0;
        for (Path jar : jars(Path.of(given.get(1)))) {
            String name = jar.getFileName().toString();
            String is = sha256(jar);
            String should = writes ? pinned.computeIfAbsent(name, none -> is) : pinned.get(name);
            if (!is.equals(should)) {
                wrong.add(name + " has the SHA-256 " + is + ", pinned is " + (should == null ? "none" : should));
            }
            checked++;
        }
        if (checked == 0) {
            wrong.add("no jar of others in " + given.get(1) + ", so that nothing was checked");
        }
        if (writes) {
            StringBuilder lines = new StringBuilder();
            pinned.forEach((name, hash) -> lines.append(hash).append("  ").append(name).append('\n'));
            Files.writeString(pins, lines);
        }
        wrong.forEach(line -> System.err.println(pins + ": " + line));
        if (!wrong.isEmpty()) {
            System.exit(1);
        }
        System.out.println(checked + " jars are those that are pinned");
    }

    private static Map<String, String> pinned(Path pins) throws IOException {
        Map<String, String> pinned = new TreeMap<>();
        int line = 0;
        for (String each : Files.exists(pins) ? Files.readAllLines(pins) : List.<String>of()) {
            line++;
            if (!each.matches("[0-9a-f]{64}  [^/ ]+\\.jar")
                    || pinned.put(each.substring(66), each.substring(0, 64)) != null) {
                System.err.println(pins + ":" + line + ": '" + each + "' is no SHA-256, two spaces and a jar's name, or has one that is there");
                System.exit(2);
            }
        }
        return pinned;
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .filter(file -> !file.getFileName().toString().startsWith("credence-"))
                    .sorted()
                    .toList();
        }
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

package dev.credence.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.app.DocumentedSteps.Edited;
import dev.credence.app.DocumentedSteps.Step;
import dev.credence.app.DocumentedSteps.Typed;
import dev.credence.app.DocumentedSteps.Written;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A reader who types the commands of the documents, page by page, in a folder of files that a reader has: a program, so that names
 * without a folder mean files of its own working folder. Writes a line of JSON a command.
 */
final class DocumentRunner {
    private static final String PLAYS = "lab/src/main/resources/dev/credence/lab/models/plays-small";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private DocumentRunner() {}

    /** Arguments: the source tree, the files that a reader has, the cases (or none), and where the lines go. */
    public static void main(String[] args) throws IOException {
        Path root = Path.of(args[0]);
        Path given = Path.of(args[1]);
        Path cases = Path.of(args[2]);
        ReadersFiles.write(given, root.resolve(PLAYS));
        System.setProperty("credence.ssh", shell(given.resolveSibling("ssh")));
        try (BufferedWriter out = Files.newBufferedWriter(Path.of(args[3]));
                ReadersServers servers = ReadersServers.of(given)) {
            for (Path page : DocumentedSteps.documents(root)) {
                empty(Path.of("").toAbsolutePath());
                ReadersFiles.lay(
                        given, page.getFileName().toString(), Path.of("").toAbsolutePath());
                ReadersFiles.copy(root.resolve(PLAYS), Path.of(PLAYS).toAbsolutePath()); // which is in the tree
                Map<String, String> variables = Files.isDirectory(cases) ? Map.of("CASES", cases.toString()) : Map.of();
                for (Step step : DocumentedSteps.of(Files.readString(page), variables)) {
                    if (step instanceof Written file) {
                        Files.writeString(Path.of(file.name()), file.content());
                    } else if (step instanceof Edited edit) {
                        String before = Files.readString(Path.of(edit.from()));
                        if (!before.contains(edit.what())) {
                            throw new IllegalStateException(edit.from() + " has no " + edit.what());
                        }
                        Files.writeString(Path.of(edit.name()), before.replace(edit.what(), edit.with()));
                    } else if (step instanceof Typed command) {
                        ObjectNode line = type(page.getFileName().toString(), command, servers);
                        out.write(line + "\n");
                        out.flush();
                    }
                }
            }
        }
    }

    private static ObjectNode type(String page, Typed command, ReadersServers servers) throws IOException {
        ObjectNode line = MAPPER.createObjectNode().put("page", page).put("command", command.line());
        String untried = DocumentedCommandsRunTest.untried(page, command);
        if (untried != null) {
            return line.put("untried", untried);
        }
        long start = System.nanoTime();
        List<String> words = servers.at(DocumentedCommandsRunTest.smaller(page, command));
        Cli run = words.get(0).equals("serve") ? ReadersServers.serve(words) : Cli.run(words.toArray(String[]::new));
        if (command.target() != null) {
            Files.writeString(Path.of(command.target()), run.out());
        }
        return line.put("typed", String.join(" ", words))
                .put("code", run.code())
                .put("seconds", (System.nanoTime() - start) / 1e9)
                .put("err", run.err());
    }

    /** What goes for ssh: another address of this machine stands for another machine. */
    private static String shell(Path file) throws IOException {
        Files.writeString(file, "#!/bin/sh\nexec sh -c \"$2\"\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file.toString();
    }

    private static void empty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                ReadersFiles.delete(file);
            }
        }
    }
}

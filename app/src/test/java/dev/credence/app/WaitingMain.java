package dev.credence.app;

import dev.credence.torch.Backend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The program with the libraries loaded, waiting for its arguments, a line each: for tests that start it often. */
final class WaitingMain {
    private WaitingMain() {}

    public static void main(String[] none) throws IOException {
        Backend.shared();
        String arguments = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        Main.main(arguments.split("\n"));
    }
}

/* Runs programs as Windows does, and holds files open as other programs do.
 *
 * A request is a line of fields, with \1 between them; the answer is a line with a number:
 *   run     COMMAND-LINE FOLDER VARIABLES STDIN STDOUT STDERR   the exit code; \2 ends each of the variables
 *   hold    FILE SHARE                      0, or the error; SHARE: what others may do meanwhile (1 read, 2 write, 4 delete)
 *   release                                 0; closes all held files
 *   mark    FILE ATTRIBUTES                 0, or the error; 1 is read-only, 128 none
 */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 7
#define SECONDS 120

static WCHAR *wide(const char *text) {
    int length = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *out = calloc(length + 1, sizeof(WCHAR)); /* One more: an environment ends with two zeros. */
    MultiByteToWideChar(CP_UTF8, 0, text, -1, out, length);
    return out;
}

static HANDLE stream(const char *path, DWORD access, DWORD how) {
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    return CreateFileW(wide(path), access, share, &inherited, how, 0, NULL);
}

static DWORD run(char **fields) {
    WCHAR *variables = wide(fields[3]);
    for (WCHAR *c = variables; *c; c++) {
        if (*c == 2) *c = 0;
    }
    STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
    start.hStdInput = stream(fields[4], GENERIC_READ, OPEN_EXISTING);
    start.hStdOutput = stream(fields[5], GENERIC_WRITE, CREATE_ALWAYS);
    start.hStdError = stream(fields[6], GENERIC_WRITE, CREATE_ALWAYS);
    PROCESS_INFORMATION process;
    DWORD code = 0;
    BOOL started;
    int attempts = 0;
    do { /* A busy Wine sometimes fails with an internal error. */
        started = CreateProcessW(NULL, wide(fields[1]), NULL, NULL, TRUE, CREATE_UNICODE_ENVIRONMENT, variables,
                                 wide(fields[2]), &start, &process);
    } while (!started && GetLastError() == ERROR_INTERNAL_ERROR && ++attempts < 5);
    if (started) {
        if (WaitForSingleObject(process.hProcess, SECONDS * 1000)) TerminateProcess(process.hProcess, 9009);
        WaitForSingleObject(process.hProcess, INFINITE);
        GetExitCodeProcess(process.hProcess, &code);
        CloseHandle(process.hProcess);
        CloseHandle(process.hThread);
    } else {
        code = 100000 + GetLastError();
    }
    CloseHandle(start.hStdInput);
    CloseHandle(start.hStdOutput);
    CloseHandle(start.hStdError);
    return code;
}

int main(void) {
    static char line[1 << 20];
    static HANDLE held[16];
    int count = 0;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = 0;
        char *fields[FIELDS] = {line, "", "", "", "", "", ""};
        for (int i = 1; i < FIELDS && (fields[i] = strchr(fields[i - 1], 1)); i++) *fields[i]++ = 0;
        DWORD answer = 0;
        if (!strcmp(line, "run")) {
            answer = run(fields);
        } else if (!strcmp(line, "hold")) {
            HANDLE file = CreateFileW(wide(fields[1]), GENERIC_READ, atoi(fields[2]), NULL, OPEN_EXISTING, 0, NULL);
            answer = file == INVALID_HANDLE_VALUE ? GetLastError() : 0;
            held[count++ % 16] = file;
        } else if (!strcmp(line, "release")) {
            while (count) CloseHandle(held[--count]);
        } else {
            answer = SetFileAttributesW(wide(fields[1]), atoi(fields[2])) ? 0 : GetLastError();
        }
        printf("%lu\n", answer);
        fflush(stdout);
    }
    return 0;
}

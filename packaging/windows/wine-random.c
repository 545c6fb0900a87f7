/* bcryptprimitives.dll for tests in Wine 8, which has none: its only function, on top of RtlGenRandom. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE into, SIZE_T length)
{
    while (length) {
        ULONG part = length > 0x10000000 ? 0x10000000 : (ULONG)length;
        if (!SystemFunction036(into, part))
            return FALSE;
        into += part;
        length -= part;
    }
    return TRUE;
}

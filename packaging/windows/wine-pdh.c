/* pdh.dll for tests in Wine 8, whose own ends the program in PdhEnumObjectsA: performance counters that do not
   exist, as on a machine where they are broken. The use of the processor is then unknown. */
#include <windows.h>

#define NO_COUNTER ((LONG)0xC0000BB9)
#define ABSENT(name) __declspec(dllexport) LONG WINAPI name(void) { return NO_COUNTER; }

ABSENT(PdhAddEnglishCounterW)
ABSENT(PdhCloseQuery)
ABSENT(PdhCollectQueryData)
ABSENT(PdhCollectQueryDataEx)
ABSENT(PdhEnumObjectsA)
ABSENT(PdhGetFormattedCounterValue)
ABSENT(PdhOpenQueryA)
ABSENT(PdhRemoveCounter)

// SPDX-License-Identifier: MIT
// Macros that other libraries define, grouped by library. (foreign_macros.sh includes this file
// before all headers of this library.)

// Windows: <windows.h>, <minwindef.h>, <rpc.h>, <winbase.h>
#undef min
#undef max
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define small char
#define near
#define far
#define huge
#define pascal
#define cdecl
#define interface struct
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define VOID void
#define TRUE 1
#define FALSE 0
#define ERROR 0
#define NO_ERROR 0L
#define DELETE 0x00010000L
#define STRICT 1
#define DIFFERENCE 11
#define IGNORE 0
#define INFINITE 0xFFFFFFFF
#define SendMessage SendMessageW
#define GetMessage GetMessageW
#define Yield()

// X11: <X11/X.h>, <X11/Xlib.h>
#define None 0L
#define Bool int
#define Status int
#define Success 0
#define Always 2
#define True 1
#define False 0
#define Above 0
#define Below 1
#define Complex 0
#define Convex 2
#define Unsorted 0
#define KeyPress 2
#define KeyRelease 3
#define FocusIn 9
#define FocusOut 10
#define CursorShape 0
#define GrayScale 1
#define Expose 12

// Qt
#define slots
#define signals public
#define emit
#define foreach(variable, container) for (variable : container)
#define forever for (;;)

// glibc: <sys/sysmacros.h>, <complex.h>; GCC in gnu++20 mode
#undef major
#undef minor
#undef makedev
#undef linux
#undef unix
#define major(device) ((device) >> 8)
#define minor(device) ((device)&0xff)
#define makedev(first, second) ((first) << 8 | (second))
#define I _Complex_I
#define linux 1
#define unix 1

// macOS: <AssertMacros.h>; test frameworks
#define check(assertion)
#define verify(assertion)
#define require(assertion, label)
#define debug_string(message)
#define CHECK(expression)
#define REQUIRE(expression)
#define FAIL(message)
#define LOG(level)
#define DEBUG 1
